import {
  MAX_BECAUSE,
  type Answer,
  type Filter,
  type Result,
  type Source,
} from "../contracts/recommendation.ts";
import type { ScenarioName } from "../contracts/scenarios.ts";
import { popularRows } from "./popular.ts";
import {
  queryOf,
  type History,
  type NeighbourTable,
  type QueryItem,
  type QueryWeights,
  type Scored,
} from "./recommend.ts";
import { createScorer, type Contribution } from "./scorer.ts";

export type { Answer };

/** What the storefront knows of its customer: item ids, the latest last; and what it wants. */
export interface Query {
  browsed: readonly string[];
  basket: readonly string[];
  purchased: readonly string[];
  n: number;
  scenario?: ScenarioName | undefined;
  filter?: Filter | undefined;
  exclude?: readonly string[] | undefined;
  maxPerCategory?: number | undefined;
  halfLife?: number | undefined;
}

export interface AnswerOptions {
  queryWeights: QueryWeights;
  /** The same for scenario `together`. */
  togetherWeights: QueryWeights;
  /** Recommend the items of the query too. */
  includeInput: boolean;
}

/** What the recommender needs of a model; a snapshot is one. Rows are in the order of their ids' UTF-8 bytes. */
export interface RecommenderModel extends Record<ScenarioName, NeighbourTable> {
  items: number;
  /** Rows by falling popularity, and those of a category; users: how many each row had. */
  popular: Int32Array;
  popularIn(category: number): Int32Array;
  users: Int32Array;
  /** The row of an item id, or -1. */
  find(id: string): number;
  idOf(row: number): string;
  /** The number of a category, or -1 where there is none, or it is not known. */
  findCategory(name: string): number;
  categoryOf(row: number): number;
  /** NaN: not known. */
  priceOf(row: number): number;
  isAvailable(row: number): boolean;
}

/** Some rows of a model. */
export type Rows = Pick<ReadonlySet<number>, "has">;

/**
 * Answers queries from one model. Popular items fill the places that the model cannot: those of the filter's category or of the
 * categories of the query's items, then those of the shop; all within the filter. Blocked rows are never in the
 * results; as part of a query they count like any other.
 */
export function createRecommender(model: RecommenderModel, name: string, options: AnswerOptions) {
  const scorer = createScorer();
  const weights = { similar: options.queryWeights, together: options.togetherWeights };

  return function recommend(query: Query, blocked?: Rows): Answer {
    const { n, scenario = "similar", maxPerCategory } = query;
    const { history, missingIds } = historyOf(model, query);
    const excluded = excludedRows(model, query, history, options.includeInput);
    const fits = query.filter && fitting(model, query.filter);
    const admits = (row: number) =>
      !excluded.has(row) && !blocked?.has(row) && (fits === undefined || fits(row));
    const group =
      maxPerCategory === undefined ? undefined : { limit: maxPerCategory, groupOf: model.categoryOf };
    const items = queryOf(history, weights[scenario], query.halfLife);
    const scored = scorer.best(model[scenario], items, n, admits, group);
    const because = reasons(items, scored, scenario);
    const results = scored.map(({ item, score }, k): Result => {
      return { item: model.idOf(item), score: score / 1e6, source: "model", because: because(k) };
    });
    if (results.length < n) {
      const shown = scored.map(({ item }) => item);
      const add = (row: number, source: Source) =>
        results.push({ item: model.idOf(row), score: model.users[row], source, because: [] });
      popularRows(model, { n, query: items, filter: query.filter, maxPerCategory, shown, admits }, add);
    }
    return { results, model: name, missingIds };
  };

  /** What the k-th result is there for. */
  function reasons(
    items: readonly QueryItem[],
    scored: readonly Scored[],
    scenario: ScenarioName,
  ): (k: number) => Result["because"] {
    if (items.length === 1) {
      const [{ row, event }] = items;
      const all = [{ item: model.idOf(row), event, share: 1 }];
      return () => all;
    }
    const parts = scorer.contributions(model[scenario], items, scored);
    // The same few items of the query, again and again: their ids are read once.
    const ids = new Map<number, string>();
    const idOf = (row: number) => {
      let id = ids.get(row);
      if (id === undefined) ids.set(row, (id = model.idOf(row)));
      return id;
    };
    return (k) => explained(parts[k], idOf);
  }
}

/** The largest parts of a score. */
function explained(parts: Contribution[], idOf: (row: number) => string): Result["because"] {
  let total = 0;
  for (const { value } of parts) total += value;
  const largest: Contribution[] = [];
  for (const part of parts) {
    let place = largest.length;
    while (place > 0 && isLarger(part, largest[place - 1])) place--;
    if (place >= MAX_BECAUSE) continue;
    if (largest.length === MAX_BECAUSE) largest.pop();
    largest.splice(place, 0, part);
  }
  return largest.map(({ from: { row, event }, value }) => {
    return { item: idOf(row), event, share: Math.round((value / total) * 1e4) / 1e4 };
  });
}

const isLarger = (a: Contribution, b: Contribution) =>
  a.value > b.value || (a.value === b.value && a.from.row < b.from.row);

function historyOf(model: RecommenderModel, { browsed, basket, purchased }: Query) {
  const missing: string[] = [];
  const rows = (ids: readonly string[]) => {
    const found: number[] = [];
    for (const id of ids) {
      const row = model.find(id);
      if (row < 0) missing.push(id);
      else found.push(row);
    }
    return found;
  };
  const history = { view_item: rows(browsed), add_to_cart: rows(basket), purchase: rows(purchased) };
  return { history, missingIds: missing.length < 2 ? missing : [...new Set(missing)] };
}

function excludedRows(
  model: RecommenderModel,
  { exclude = [] }: Query,
  { view_item, add_to_cart, purchase }: History,
  includeInput: boolean,
): Set<number> {
  const excluded = new Set(includeInput ? [] : view_item);
  if (!includeInput) for (const row of add_to_cart) excluded.add(row);
  if (!includeInput) for (const row of purchase) excluded.add(row);
  for (const id of exclude) excluded.add(model.find(id));
  return excluded;
}

/** Whether a row fits a filter. What is not known of an item does not fit. */
function fitting(model: RecommenderModel, { category, available, price }: Filter): (row: number) => boolean {
  const wanted = category === undefined ? undefined : model.findCategory(category);
  const { min = -Infinity, max = Infinity } = price ?? {};
  return (row) =>
    (wanted === undefined || (wanted >= 0 && model.categoryOf(row) === wanted)) &&
    (available === undefined || model.isAvailable(row) === available) &&
    (price === undefined || (model.priceOf(row) >= min && model.priceOf(row) <= max));
}
