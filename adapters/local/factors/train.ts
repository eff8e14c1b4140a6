import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS } from "../../../contracts/interactions.ts";
import type { AlsKnobs } from "../../../contracts/settings/als.ts";
import { trainFactors, type TrainingHooks } from "../../../core/factors/als.ts";
import { createWorkspace, type Workspace } from "../../../core/factors/workspace.ts";
import type { Ratings } from "../../../core/ratings/ratings.ts";
import { readRatings } from "../similarity/read-ratings.ts";
import { hire, threadsOf } from "./crew.ts";

/** The ratings that factors are trained on: all events and items of a user, weighted. */
export const readWeighted = (connection: DuckDBConnection, knobs: AlsKnobs) =>
  readRatings(connection, EVENTS, { ...knobs, method: "cosine", vectors: "weighted", cap: 0 });

/** How far a training is, for people. */
export const iterationLine = (k: number, { iterations }: AlsKnobs, loss: number) =>
  `factors, iteration ${k} of ${iterations}, loss ${loss.toPrecision(6)}`;

export interface Trained {
  workspace: Workspace;
  loss: number;
}

/**
 * Factors of all users and items, on all cores. Those without an entry get zeros. The result does
 * not depend on the threads.
 * @param threads 0: one for each core.
 * @throws Problem when the training does not fit into memory, or diverges; the signal's reason.
 */
export async function train(
  ratings: Ratings,
  knobs: AlsKnobs,
  threads: number,
  hooks: TrainingHooks = {},
): Promise<Trained> {
  const workspace = createWorkspace(ratings, knobs, threadsOf(threads));
  const { crew, dismiss } = hire(workspace);
  try {
    return { workspace, loss: await trainFactors(workspace, knobs, crew, hooks) };
  } finally {
    dismiss();
  }
}
