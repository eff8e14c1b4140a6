import type { Settings } from "../contracts/settings/settings.ts";
import { Problem } from "../contracts/problem.ts";
import { MAIN_TABLE, TABLES } from "../contracts/tables.ts";
import { createPersonalRanker } from "../core/factors/personal-ranker.ts";
import type { Snapshot } from "../core/model/decode.ts";
import type { QueryWeights } from "../core/ranking/query.ts";
import { openFactors, type Factors } from "../night/state/factors.ts";
import type { Objects } from "../night/state/objects.ts";
import { filesOfModel } from "../night/state/model-file.ts";
import { openSnapshot } from "../night/state/snapshot.ts";
import { remembered } from "../serving/remembered.ts";
import { inSlices } from "../serving/slices.ts";

/** A model with factors, in memory. */
export interface PersonalModel extends Factors {
  name: string;
  snapshot: Snapshot;
  rank: ReturnType<typeof createPersonalRanker>;
  /** How much the events of a history count among neighbours. */
  weights: QueryWeights;
  /** The factors' share of a score. */
  blend: number;
  /** The rows of items that are taken down. */
  rowsOf(blocked: ReadonlySet<string>): number[];
}

/**
 * Loads a model.
 * @throws Problem when it has no factors, is missing, damaged or does not fit.
 */
export async function loadPersonalModel(
  objects: Objects,
  settings: Settings,
  name: string,
): Promise<PersonalModel> {
  const { shop } = settings;
  const files = await filesOfModel(objects, shop, name, (data) => inSlices.sha256(data));
  if (!files.loaded.factors) throw withoutFactors(shop, name);
  const snapshot = await openSnapshot(files, inSlices);
  const factors = (await openFactors(files, snapshot.items, inSlices))!;
  const table = snapshot.tableOf(MAIN_TABLE);
  const blend = settings["als.blend"];
  const rank = createPersonalRanker({ items: factors.items, table, blend });
  const rowsOf = remembered((blocked: ReadonlySet<string>) =>
    snapshot.findAll([...blocked]).filter((row) => row >= 0),
  );
  const weights = settings[TABLES[MAIN_TABLE].queryWeights];
  return { ...factors, name, snapshot, rank, blend, weights, rowsOf };
}

function withoutFactors(shop: string, model: string): Problem {
  const next = "set als.factors above 0, and run a night; until then the model before stays";
  return new Problem({
    doing: `Loading model ${model} of ${shop}`,
    why: "it was made without factors",
    next,
  });
}
