import type { EventName } from "../contracts/interactions.ts";
import { createScorer, queryOf, type QueryWeights, type Rows } from "./recommend.ts";
import type { Snapshot } from "./snapshot/decode.ts";

/** What the storefront knows of its customer: item ids, in any number and order. */
export interface Query {
  browsed: string[];
  basket: string[];
  purchased: string[];
  n: number;
}

export interface Recommendation {
  item: string;
  /** From the model: the sum of query weight x similarity. Of a popular item: how many users it had. */
  score: number;
  source: "model" | "popular";
}

/** The same keys whatever happened; `results` is only ever short when the whole shop has fewer items. */
export interface Answer {
  results: Recommendation[];
  model: string;
  /** Items of the query that the model does not know. */
  missingIds: string[];
}

export interface AnswerOptions {
  queryWeights: QueryWeights;
  /** Recommend the items of the query too. */
  includeInput: boolean;
}

/** What the recommender needs of a model; a snapshot is one. Rows are in the order of their ids' UTF-8 bytes. */
export type RecommenderModel = Pick<Snapshot, "items" | "similar" | "popular" | "users" | "find" | "idOf">;

/**
 * Answers queries from one model; popular items fill the places that the model cannot. Blocked rows are never in the
 * results; as part of a query they count like any other.
 */
export function createRecommender(snapshot: RecommenderModel, model: string, options: AnswerOptions) {
  const score = createScorer(snapshot.similar);

  return function recommend(query: Query, blocked?: Rows): Answer {
    const missing = new Set<string>();
    const rows = (ids: string[]) => ids.map((id) => rowOf(snapshot, id, missing)).filter((row) => row >= 0);
    const history: Record<EventName, number[]> = {
      view_item: rows(query.browsed),
      add_to_cart: rows(query.basket),
      purchase: rows(query.purchased),
    };
    const input = new Set(
      options.includeInput ? [] : [...history.view_item, ...history.add_to_cart, ...history.purchase],
    );
    const excluded = blocked ? { has: (row: number) => input.has(row) || blocked.has(row) } : input;
    const scored = score(queryOf(history, options.queryWeights), query.n, excluded);
    const results = scored.map(({ item, score }) => result(snapshot.idOf(item), score / 1e6, "model"));
    const shown = new Set(scored.map(({ item }) => item));
    for (let k = 0; k < snapshot.popular.length && results.length < query.n; k++) {
      const row = snapshot.popular[k];
      if (!shown.has(row) && !excluded.has(row))
        results.push(result(snapshot.idOf(row), snapshot.users[row], "popular"));
    }
    return { results, model, missingIds: [...missing] };
  };
}

const result = (item: string, score: number, source: Recommendation["source"]): Recommendation => ({
  item,
  score,
  source,
});

function rowOf(snapshot: RecommenderModel, id: string, missing: Set<string>): number {
  const row = snapshot.find(id);
  if (row < 0) missing.add(id);
  return row;
}
