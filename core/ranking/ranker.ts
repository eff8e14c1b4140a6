import {
  MAX_BECAUSE,
  type Filter,
  type ResultField,
  type Source,
} from "../../contracts/http/recommendation.ts";
import { MAIN_TABLE, perTable, type TableName } from "../../contracts/tables.ts";
import type { GroupLimit } from "./best-rows.ts";
import { popularRows } from "./popular.ts";
import { queryOf, type History, type QueryWeights } from "./query.ts";
import type { NeighbourTable } from "../model/neighbour-table.ts";
import type { Explained } from "./reasons.ts";
import { Scorer, type Scoring } from "./scorer.ts";
import { IN_STOCK, SOLD_OUT, type Stock } from "./stock.ts";

/**
 * A request for recommendations: the customer's items as ids, the latest last, and conditions on
 * the answer.
 */
export interface Query {
  browsed: readonly string[];
  basket: readonly string[];
  purchased: readonly string[];
  n: number;
  scenario?: TableName | undefined;
  filter?: Filter | undefined;
  /** A scope of users: only its items, then popular ones of the shop. */
  scope?: string | undefined;
  exclude?: readonly string[] | undefined;
  maxPerCategory?: number | undefined;
  halfLife?: number | undefined;
  /** What the answer says of its items. It does not change the ranking. */
  fields?: readonly ResultField[] | undefined;
}

export interface AnswerOptions {
  queryWeights: QueryWeights;
  /** The weights for scenario `together`. */
  togetherWeights: QueryWeights;
  /** Of queries that name none; 0: old items count as much as new ones. */
  halfLife?: number;
  /** Also recommends the items of the query. */
  includeInput: boolean;
}

/**
 * The parts of a model that ranking needs; a snapshot has them. Rows are in the order of their ids'
 * UTF-8 bytes.
 */
export interface RankedModel {
  items: number;
  tableOf(name: TableName): NeighbourTable;
  /**
   * Rows by falling popularity, of the model and of a category. `users` has each row's number of
   * users.
   */
  popular: Int32Array;
  popularIn(category: number): Int32Array;
  users: Int32Array;
  /** The rows of item ids; -1 for an unknown id. */
  findAll(ids: readonly string[]): number[];
  /** The number of a category; -1 for none or an unknown one. */
  findCategory(name: string): number;
  /** The item's main category, or -1. */
  categoryOf(row: number): number;
  /** True for the main category and for further ones. */
  isIn(row: number, category: number): boolean;
  /**
   * The number of the product that a row is a variant of, or -1. All variants of a product have the
   * same main category. Null: there are no variants.
   */
  variants: Int32Array | null;
  /** Availability and prices as of the model's night. */
  stock: Stock;
  /** Undefined for a name that is no scope of users, or a category's too: that is meant then. */
  scopeItems(name: string): ScopeItems | undefined;
}

/** The rows that most users of a scope had to do with, and the number of these users, falling. */
export interface ScopeItems {
  rows: Int32Array;
  users: Int32Array;
}

/** A set of rows of a model. */
export type Rows = Pick<ReadonlySet<number>, "has">;

/** An answer with rows of its model in place of ids. */
export interface Ranking {
  results: RankedRow[];
  missingIds: string[];
  /** With the filter `available`: items that did not fit, as nobody knows of theirs. */
  unknownAvailability?: number | undefined;
}

/** One result of a ranking. */
export interface RankedRow {
  row: number;
  /** A score of the model in millionths, or a popular item's number of users. */
  score: number;
  source: Source;
  /** The largest contributions of the query's items, and the score as their sum. */
  why: Explained;
}

/** What has changed since the model's night. */
export interface Changes {
  /** Rows that are never shown. */
  blocked?: Rows | undefined;
  /** Default: the model's own. */
  stock?: Stock | undefined;
}

/** A query, prepared for the scorer. */
interface Task extends Scoring {
  query: Query;
  missingIds: string[];
  scope: ScopeItems | undefined;
  /** A test of rows, whatever the scope. */
  mayShow: ((row: number) => boolean) | undefined;
}

const NOTHING: Explained = { largest: null, total: 0 };

/**
 * Ranks a model's items for queries. Popular items fill the places that the model leaves empty.
 * Items of the filter's category come first; without a filter, of the categories of the query's
 * items; those of a scope come first, and all results of the model are among them. Then come those
 * of the shop. All results fit the filter. Blocked rows never become results, nor do rows that are
 * known to be sold out, unless the filter asks for them. In a query they count like any other. The
 * variants of a product fill one place, and none where one of them is left out.
 *
 * Batching: several queries go through each step together. From the second query on, a step's code
 * and data are in the processor's caches. So a batch is faster than its queries one by one.
 */
export function createRanker(model: RankedModel, options: AnswerOptions, maxBecause = MAX_BECAUSE) {
  const scorer = new Scorer(model.items, maxBecause);
  const weights = perTable((_, { queryWeights }) => options[queryWeights]);

  return function rank(queries: readonly Query[], { blocked, stock = model.stock }: Changes = {}): Ranking[] {
    const found = queries.map((query) => historyOf(model, query));
    const tasks = queries.map((query, k) => taskOf(query, found[k], { blocked, stock }));
    const best = scorer.best(tasks);
    return tasks.map((task, k) => {
      const results = best[k].map(({ item: row, score, why }): RankedRow => {
        return { row, score, source: "model", why };
      });
      if (results.length < task.n) fill(results, task);
      const { query, missingIds } = task;
      if (query.filter?.available === undefined || stock.unknown === 0) return { results, missingIds };
      return { results, missingIds, unknownAvailability: stock.unknown };
    });
  };

  function taskOf(query: Query, { history, missingIds }: Found, changes: Changed): Task {
    const { scenario = MAIN_TABLE, maxPerCategory, halfLife = options.halfLife || Infinity } = query;
    const excluded = excludedRows(model, query, history, options.includeInput);
    const mayShow = withoutVariants(model, excluded, showing(model, query.filter, changes));
    const scope = query.scope === undefined ? undefined : model.scopeItems(query.scope);
    const groups = groupLimits(model, maxPerCategory);
    const items = queryOf(history, weights[scenario], halfLife);
    const conditions = { excluded, admits: within(scope, mayShow), groups };
    const table = model.tableOf(scenario);
    return { query, missingIds, table, items, n: query.n, conditions, scope, mayShow };
  }

  function fill(results: RankedRow[], { query, items, n, conditions, scope, mayShow }: Task): void {
    const { filter, maxPerCategory } = query;
    const shown = results.map(({ row }) => row);
    const { excluded } = conditions;
    const wanted = { n, query: items, filter, scope, maxPerCategory, shown, excluded, admits: mayShow };
    popularRows(model, wanted, (row, source, score) => results.push({ row, score, source, why: NOTHING }));
  }
}

/** The query's items that the model knows, and the ids of the others. */
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

/** The test of rows that also asks for a scope's own. */
function within(
  scope: ScopeItems | undefined,
  mayShow: ((row: number) => boolean) | undefined,
): ((row: number) => boolean) | undefined {
  if (!scope) return mayShow;
  const rows = new Set(scope.rows);
  return (row) => rows.has(row) && (!mayShow || mayShow(row));
}

/** Limits on groups of results: one of each product, so many of each category. */
function groupLimits(
  { variants, categoryOf }: RankedModel,
  maxPerCategory: number | undefined,
): GroupLimit[] | undefined {
  const limits: GroupLimit[] = [];
  if (variants) limits.push({ limit: 1, groupOf: (row) => variants[row] });
  if (maxPerCategory !== undefined) limits.push({ limit: maxPerCategory, groupOf: categoryOf });
  return limits.length === 0 ? undefined : limits;
}

/** The test of rows that also leaves out other variants of what is left out. */
function withoutVariants(
  { variants }: RankedModel,
  excluded: readonly number[],
  mayShow: ((row: number) => boolean) | undefined,
): ((row: number) => boolean) | undefined {
  if (!variants) return mayShow;
  const out = excluded.map((row) => variants[row]).filter((product) => product >= 0);
  if (out.length === 0) return mayShow;
  return (row) => !out.includes(variants[row]) && (!mayShow || mayShow(row));
}

type Changed = Changes & { stock: Stock };

/** A test of rows by all but scopes; undefined where each row may be shown. */
function showing(
  model: RankedModel,
  filter: Filter | undefined,
  { blocked, stock }: Changed,
): ((row: number) => boolean) | undefined {
  const fits = filter && fitting(model, filter, stock);
  const hidesSoldOut = stock.soldOut > 0 && filter?.available === undefined;
  if (!blocked && !fits && !hidesSoldOut) return undefined;
  const { availability } = stock;
  return (row) =>
    !(hidesSoldOut && availability[row] === SOLD_OUT) && !blocked?.has(row) && (!fits || fits(row));
}

/** A test of rows by a filter. An unknown value never fits. */
function fitting(
  { findCategory, isIn }: RankedModel,
  { category, available, price }: Filter,
  { availability, priceOf }: Stock,
): (row: number) => boolean {
  const wanted = category === undefined ? undefined : findCategory(category);
  const { min = -Infinity, max = Infinity } = price ?? {};
  const state = available ? IN_STOCK : SOLD_OUT;
  return (row) =>
    (wanted === undefined || (wanted >= 0 && isIn(row, wanted))) &&
    (available === undefined || availability[row] === state) &&
    (price === undefined || (priceOf(row) >= min && priceOf(row) <= max));
}
