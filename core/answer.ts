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
import { createScorer } from "./scorer.ts";

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
  /** The rows of item ids; -1 where there is none. */
  findAll(ids: readonly string[]): number[];
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
  const scorer = createScorer(model.items);
  const weights = { similar: options.queryWeights, together: options.togetherWeights };

  return function recommend(query: Query, blocked?: Rows): Answer {
    const { n, scenario = "similar", maxPerCategory } = query;
    const { history, missingIds } = historyOf(model, query);
    const excluded = excludedRows(model, query, history, options.includeInput);
    const fits = query.filter && fitting(model, query.filter);
    const admits = blocked || fits ? (row: number) => !blocked?.has(row) && (!fits || fits(row)) : undefined;
    const group =
      maxPerCategory === undefined ? undefined : { limit: maxPerCategory, groupOf: model.categoryOf };
    const items = queryOf(history, weights[scenario], query.halfLife);
    const scored = scorer.best(model[scenario], items, n, { excluded, admits, group });
    const because = reasons(items, scored, scenario);
    const results = scored.map(({ item, score }, k): Result => {
      return { item: model.idOf(item), score: score / 1e6, source: "model", because: because(k) };
    });
    if (results.length < n) {
      const shown = scored.map(({ item }) => item);
      const add = (row: number, source: Source) =>
        results.push({ item: model.idOf(row), score: model.users[row], source, because: [] });
      const fill = { n, query: items, filter: query.filter, maxPerCategory, shown, excluded, admits };
      popularRows(model, fill, add);
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
    const explained = scorer.explain(model[scenario], items, scored, MAX_BECAUSE);
    return (k) =>
      explained[k].largest.map(({ from: { row, event }, value }) => {
        return { item: model.idOf(row), event, share: Math.round((value / explained[k].total) * 1e4) / 1e4 };
      });
  }
}

function historyOf(model: RecommenderModel, { browsed, basket, purchased }: Query) {
  const missing: string[] = [];
  const rows = (ids: readonly string[]) => {
    const found = model.findAll(ids);
    if (!found.includes(-1)) return found;
    missing.push(...ids.filter((_, k) => found[k] < 0));
    return found.filter((row) => row >= 0);
  };
  const history = { view_item: rows(browsed), add_to_cart: rows(basket), purchase: rows(purchased) };
  return { history, missingIds: missing.length < 2 ? missing : [...new Set(missing)] };
}

function excludedRows(
  model: RecommenderModel,
  { exclude = [] }: Query,
  { view_item, add_to_cart, purchase }: History,
  includeInput: boolean,
): number[] {
  const excluded = exclude.length === 0 ? [] : model.findAll(exclude).filter((row) => row >= 0);
  if (includeInput) return excluded;
  for (const rows of [view_item, add_to_cart, purchase]) for (const row of rows) excluded.push(row);
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
