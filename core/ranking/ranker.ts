import { MAX_BECAUSE, type Filter, type Source } from "../../contracts/http/recommendation.ts";
import { MAIN_TABLE, perTable, type TableName } from "../../contracts/tables.ts";
import { popularRows } from "./popular.ts";
import { queryOf, type History, type QueryWeights } from "./query.ts";
import type { NeighbourTable } from "../model/neighbour-table.ts";
import type { Explained } from "./reasons.ts";
import { Scorer, type Scoring } from "./scorer.ts";

/** What the storefront knows of its customer: item ids, the latest last; and what it wants. */
export interface Query {
  browsed: readonly string[];
  basket: readonly string[];
  purchased: readonly string[];
  n: number;
  scenario?: TableName | undefined;
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

/** What is needed of a model to rank its items; a snapshot is one. Rows are in the order of their ids' UTF-8 bytes. */
export interface RankedModel {
  items: number;
  tableOf(name: TableName): NeighbourTable;
  /** Rows by falling popularity, and those of a category; users: how many each row had. */
  popular: Int32Array;
  popularIn(category: number): Int32Array;
  users: Int32Array;
  /** The rows of item ids; -1 where there is none. */
  findAll(ids: readonly string[]): number[];
  /** The number of a category, or -1 where there is none, or it is not known. */
  findCategory(name: string): number;
  categoryOf(row: number): number;
  /** NaN: not known. */
  priceOf(row: number): number;
  isAvailable(row: number): boolean;
}

/** How the rows of a model are called. */
export interface Ids {
  idOf(row: number): string;
  /** murmur3 of an id. */
  hashOf(row: number): number;
  /** Writes an id's UTF-8, at most MAX_ID_BYTES; returns where it ends. */
  writeId(row: number, into: Uint8Array, at: number): number;
}

/** Some rows of a model. */
export type Rows = Pick<ReadonlySet<number>, "has">;

/** An answer in rows of its model. */
export interface Ranking {
  results: RankedRow[];
  missingIds: string[];
}

/** One of its results. */
export interface RankedRow {
  row: number;
  /** Of the model: in millionths. Popular: how many users the item had. */
  score: number;
  source: Source;
  /** The items of the query that most of the score comes from, and all of it. */
  why: Explained;
}

/** A query as the scorer takes it. */
interface Task extends Scoring {
  query: Query;
  missingIds: string[];
}

const NOTHING: Explained = { largest: null, total: 0 };

/**
 * Ranks a model's items for queries. Popular items fill the places that the model cannot: those of the filter's category or of the
 * categories of the query's items, then those of the shop; all within the filter. Blocked rows are never in the
 * results; as part of a query they count like any other.
 *
 * Several queries go through each step together, and come out of all of them faster than one by one: what a step needs of code
 * and data is in the processor's caches from the second query on.
 */
export function createRanker(model: RankedModel, options: AnswerOptions) {
  const scorer = new Scorer(model.items, MAX_BECAUSE);
  const weights = perTable((_, { queryWeights }) => options[queryWeights]);

  return function rank(queries: readonly Query[], blocked?: Rows): Ranking[] {
    const found = queries.map((query) => historyOf(model, query));
    const tasks = queries.map((query, k) => taskOf(query, found[k], blocked));
    const best = scorer.best(tasks);
    return tasks.map((task, k) => {
      const results = best[k].map(({ item: row, score, why }): RankedRow => {
        return { row, score, source: "model", why };
      });
      if (results.length < task.n) fill(results, task);
      return { results, missingIds: task.missingIds };
    });
  };

  function taskOf(query: Query, { history, missingIds }: Found, blocked: Rows | undefined): Task {
    const { scenario = MAIN_TABLE, maxPerCategory, halfLife } = query;
    const excluded = excludedRows(model, query, history, options.includeInput);
    const fits = query.filter && fitting(model, query.filter);
    const admits = blocked || fits ? (row: number) => !blocked?.has(row) && (!fits || fits(row)) : undefined;
    const group =
      maxPerCategory === undefined ? undefined : { limit: maxPerCategory, groupOf: model.categoryOf };
    const items = queryOf(history, weights[scenario], halfLife);
    const conditions = { excluded, admits, group };
    return { query, missingIds, table: model.tableOf(scenario), items, n: query.n, conditions };
  }

  function fill(results: RankedRow[], { query, items, n, conditions: { excluded, admits } }: Task): void {
    const { filter, maxPerCategory } = query;
    const shown = results.map(({ row }) => row);
    popularRows(model, { n, query: items, filter, maxPerCategory, shown, excluded, admits }, (row, source) =>
      results.push({ row, score: model.users[row], source, why: NOTHING }),
    );
  }
}

/** What a model has of a query's items. */
interface Found {
  history: History;
  missingIds: string[];
}

function historyOf(model: RankedModel, { browsed, basket, purchased }: Query): Found {
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
  model: RankedModel,
  { exclude = [] }: Query,
  { view_item, add_to_cart, purchase }: History,
  includeInput: boolean,
): number[] {
  const excluded = exclude.length === 0 ? [] : model.findAll(exclude).filter((row) => row >= 0);
  if (includeInput) return excluded;
  for (const rows of [view_item, add_to_cart, purchase])
    for (let k = 0; k < rows.length; k++) excluded.push(rows[k]);
  return excluded;
}

/** Whether a row fits a filter. What is not known of an item does not fit. */
function fitting(model: RankedModel, { category, available, price }: Filter): (row: number) => boolean {
  const wanted = category === undefined ? undefined : model.findCategory(category);
  const { min = -Infinity, max = Infinity } = price ?? {};
  return (row) =>
    (wanted === undefined || (wanted >= 0 && model.categoryOf(row) === wanted)) &&
    (available === undefined || model.isAvailable(row) === available) &&
    (price === undefined || (model.priceOf(row) >= min && model.priceOf(row) <= max));
}
