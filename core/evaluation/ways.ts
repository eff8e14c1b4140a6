import type { AlsKnobs } from "../../contracts/settings/als.ts";
import { rowOf, type FactorRows } from "../factors/factor-rows.ts";
import type { HistoryEntry } from "../factors/item-factors.ts";
import type { NeighbourTable, Scored } from "../model/neighbour-table.ts";
import { listsOf } from "../personal/kept-history.ts";
import { createPersonalRanker, type PersonalParts } from "../personal/personal-ranker.ts";
import { popularityOrder } from "../ranking/popular.ts";
import { queryOf, type QueryWeights } from "../ranking/query.ts";
import { Scorer } from "../ranking/scorer.ts";
import type { Recommend, TestUser } from "./quality.ts";

/**
 * Recommends by summed similarity, as the recommender does. It does not fill up with popular items.
 * @param halfLife in items of the whole history; 0: old items count as much as new ones
 */
export function byNeighbours(table: NeighbourTable, weights: QueryWeights, halfLife = 0): Recommend {
  const scorer = new Scorer(table.offset.length - 1, 0);
  return ({ history, timeline = [], disliked }, n) => {
    const conditions = { excluded: [...seen(history, disliked)] };
    const after = new Map(timeline.map((item, place) => [item, timeline.length - 1 - place]));
    const items = queryOf(history, weights, halfLife || Infinity, (row) => after.get(row) ?? 0);
    return scorer.best([{ table, items, n, conditions }])[0];
  };
}

/** The parts of a recommender for persons. */
export interface Persons extends PersonalParts {
  users: FactorRows;
  weights: QueryWeights;
  eventWeights: AlsKnobs["eventWeights"];
  /** What a row of `users` is trained on. */
  entriesOf(user: number): HistoryEntry[];
}

/** Recommends as the Personalizer does, by a user's factors and by what is near the history. */
export function byFactors({ users, weights, eventWeights, entriesOf, ...parts }: Persons): Recommend {
  const rank = createPersonalRanker(parts);
  return ({ row, history, disliked }, n) => {
    if (row < 0) return [];
    const conditions = { excluded: [...seen(history, disliked)] };
    const query = queryOf(listsOf(entriesOf(row), new Set(history.purchase), eventWeights), weights);
    return rank({ vector: rowOf(users, row), history: query, n, conditions }).best;
  };
}

/** The baseline: the items that most users have. `users` has the number of each item's users. */
export function byPopularity(users: ArrayLike<number>): Recommend {
  const popular = popularityOrder(users);
  return ({ history }, n) => {
    const excluded = seen(history);
    const list: Scored[] = [];
    for (let k = 0; k < popular.length && list.length < n; k++)
      if (!excluded.has(popular[k])) list.push({ item: popular[k], score: users[popular[k]] });
    return list;
  };
}

function seen(history: TestUser["history"], disliked: readonly number[] = []): Set<number> {
  return new Set([...history.view_item, ...history.add_to_cart, ...history.purchase, ...disliked]);
}
