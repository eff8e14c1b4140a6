import { MAIN_TABLE, TABLES } from "../../contracts/tables.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { FactorUsers } from "../factors/decode-factors.ts";
import type { TrainedFor } from "../factors/encode-factors.ts";
import type { ItemFactors } from "../factors/item-factors.ts";
import type { Snapshot } from "../model/decode.ts";
import type { QueryWeights } from "../ranking/query.ts";
import { createPersonalRanker } from "./personal-ranker.ts";

/** A model's factors, ready for answers. */
export interface Factors {
  items: ItemFactors;
  users: FactorUsers;
  trainedFor: TrainedFor;
}

/** A model with factors, and how a shop wants to be answered from it. */
export interface PersonalModel extends Factors {
  snapshot: Snapshot;
  rank: ReturnType<typeof createPersonalRanker>;
  /** How much the events of a history count among neighbours. */
  weights: QueryWeights;
  /** The factors' share of a score. */
  blend: number;
  /** Items of the history may be recommended again, but for what was bought. */
  includeInput: boolean;
}

export function personalModel(snapshot: Snapshot, factors: Factors, settings: Settings): PersonalModel {
  const blend = settings["als.blend"];
  const rank = createPersonalRanker({ items: factors.items, table: snapshot.tableOf(MAIN_TABLE), blend });
  const weights = settings[TABLES[MAIN_TABLE].queryWeights];
  return { ...factors, snapshot, rank, weights, blend, includeInput: settings.includeInput };
}
