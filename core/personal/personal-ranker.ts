import type { NeighbourTable, Scored } from "../model/neighbour-table.ts";
import type { Conditions } from "../ranking/best-rows.ts";
import type { QueryItem } from "../ranking/query.ts";
import { Scorer } from "../ranking/scorer.ts";
import { NEAR, type ItemFactors, type PersonalRanking } from "../factors/item-factors.ts";

/** The parts of a model that rank items for persons. */
export interface PersonalParts {
  items: ItemFactors;
  /** The neighbours that are near a history. */
  table: NeighbourTable;
  /** The factors' share of a score: 1 asks for factors alone. */
  blend: number;
}

/** A user, and what may be recommended to them. */
export interface PersonalTask {
  vector: Float32Array;
  /** The items of the history, and how much each counts among neighbours. */
  history: readonly QueryItem[];
  n: number;
  conditions: Conditions;
  /** The only rows that count, which the conditions admit too; absent: all. */
  among?: ArrayLike<number> | undefined;
}

/** A ranking, and the list that was blended with the factors' scores: empty, or best first. */
export interface BlendedRanking extends PersonalRanking {
  near: readonly Scored[];
}

/**
 * Ranks items for a user, by the factors and by what is near the history. Evaluation and the
 * Personalizer share it, so that what is measured is what is served.
 */
export function createPersonalRanker({ items, table, blend }: PersonalParts) {
  const scorer = new Scorer(items.rows, 0);
  return ({ vector, history, n, conditions, among }: PersonalTask): BlendedRanking => {
    const near = blend < 1 ? scorer.best([{ table, items: history, n: NEAR, conditions }])[0] : [];
    return { ...items.best({ vector, n, conditions, near, blend, among }), near };
  };
}
