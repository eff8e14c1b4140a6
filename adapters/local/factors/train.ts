import type { AlsKnobs } from "../../../contracts/settings/als.ts";
import { trainFactors, type TrainingHooks } from "../../../core/factors/als.ts";
import { createWorkspace, type Weighted, type Workspace } from "../../../core/factors/workspace.ts";
import { hire, threadsOf } from "./crew.ts";

export interface Trained {
  workspace: Workspace;
  loss: number;
}

/**
 * Factors of all users and items, on all cores. The result does not depend on the threads.
 * @param threads 0: one for each core.
 * @throws Problem when the training does not fit into memory, or diverges; the signal's reason.
 */
export async function train(
  ratings: Weighted,
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
