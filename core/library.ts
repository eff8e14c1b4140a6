import { EVENTS, type EventName, type Interaction } from "../contracts/interactions.ts";
import { MAIN_TABLE, perTable, type TableName } from "../contracts/tables.ts";
import { query } from "../contracts/settings/query.ts";
import { defaultsOf, type Settings } from "../contracts/settings/settings.ts";
import {
  knobsOf,
  similarity,
  type GivenKnobs,
  type Knobs,
  type TableKnob,
} from "../contracts/settings/similarity.ts";
import {
  createRecommender,
  type Answer,
  type AnswerOptions,
  type Query,
  type RecommenderModel,
} from "./ranking/answer.ts";
import { evaluate as evaluateUsers, type Quality, type TestUser } from "./evaluation/quality.ts";
import { byNeighbours } from "./evaluation/ways.ts";
import { compareUtf8 } from "./text/order.ts";
import { neighboursOfRow, neighbourTable, type NeighbourTable } from "./model/neighbour-table.ts";
import { popularityOrder } from "./ranking/popular.ts";
import { unknownStock } from "./ranking/stock.ts";
import { hashPlaces } from "./text/hash-order.ts";
import { murmur3 } from "./text/hash.ts";
import { makerOf, neighboursOfAll } from "./tables/makers.ts";
import { isCapped, ratingsFromEntries, usersPerItem, type Ratings } from "./ratings/ratings.ts";

/**
 * A row of a shop's history. The default event is a view, and the default count is 1. Without
 * times, all events are equally old.
 */
export type Row = Pick<Interaction, "user" | "item"> & Partial<Interaction>;

/** Knobs for all tables, or for one: `{ shrinkage: 5, "similar.shrinkage": 10 }`. */
export type Options = GivenKnobs & Partial<Pick<Settings, TableKnob>>;

/** A model made in memory. Neighbours are listed best first. */
export interface ItemModel extends RecommenderModel {
  /** The row of an item id, or -1. */
  find(id: string): number;
  neighboursOf(id: string, scenario?: TableName): { item: string; score: number }[];
}

const DEFAULTS: Options = defaultsOf(Object.keys(similarity) as (keyof Options)[]);
const QUERY_DEFAULTS: AnswerOptions = defaultsOf(Object.keys(query) as (keyof AnswerOptions)[]);

/** Finds the neighbours of every item in rows held in memory, on the calling thread. */
export function neighbours(rows: readonly Row[], options: Partial<Options> = {}): ItemModel {
  const chosen: Options = { ...DEFAULTS, ...options };
  const ids = [...new Set(rows.map(({ item }) => item))].sort(compareUtf8);
  const made = perTable((name, { events }) => {
    const counted = rows.filter(({ event = EVENTS[0] }) => events.includes(event));
    return neighboursAmong(counted, ids, knobsOf(chosen, name));
  });
  return itemModel(
    ids,
    perTable((name) => made[name].table),
    made[MAIN_TABLE].users,
  );
}

function neighboursAmong(rows: readonly Row[], ids: string[], options: Knobs) {
  const coded = codeRows(rows, options, ids);
  const hashes = { user: Uint32Array.from(coded.users, murmur3), item: Uint32Array.from(ids, murmur3) };
  const users = usersPerItem(coded.ratings);
  const maker = makerOf(options.method);
  const { layout } = maker.prepare(coded.ratings, options, { hashes, mayReuse: true });
  return { table: neighbourTable(neighboursOfAll(maker, layout)), users };
}

/** Answers one query. For many queries use `createRecommender`, which prepares the model once. */
export function recommend(
  model: ItemModel,
  query: Partial<Query>,
  options: Partial<AnswerOptions> = {},
): Answer {
  const chosen = { ...QUERY_DEFAULTS, ...options };
  return createRecommender(
    model,
    "memory",
    chosen,
  )({ browsed: [], basket: [], purchased: [], n: 10, ...query });
}

/**
 * Measures a model on later events (`test`) of the users in its training rows. core/evaluation.ts
 * defines the measures.
 */
export function evaluate(
  model: ItemModel,
  rows: readonly Row[],
  test: readonly Pick<Row, "user" | "item">[],
  { queryWeights = QUERY_DEFAULTS.queryWeights }: Partial<AnswerOptions> = {},
): Quality {
  const users = new Map<string, TestUser>();
  const userOf = (user: string) => {
    if (!users.has(user))
      users.set(user, { history: { view_item: [], add_to_cart: [], purchase: [] }, targets: [], row: -1 });
    return users.get(user)!;
  };
  const distinct = new Map(test.map(({ user, item }) => [JSON.stringify([user, item]), { user, item }]));
  for (const { user, item } of distinct.values()) userOf(user).targets.push(model.find(item));
  for (const { user, item, event = EVENTS[0] } of rows) {
    if (users.has(user)) userOf(user).history[event].push(model.find(item));
  }
  return evaluateUsers(
    [...users.values()],
    model.items,
    byNeighbours(model.tableOf(MAIN_TABLE), queryWeights),
  ).quality;
}

/**
 * Numbers users and items, and sums up the values of each (user, item) pair. Items are numbered in
 * the order of their ids.
 */
export function codeRows(
  rows: readonly Row[],
  { vectors, eventWeights, cap = 0 }: Pick<Knobs, "vectors" | "eventWeights"> & { cap?: number },
  ids = [...new Set(rows.map(({ item }) => item))].sort(compareUtf8),
): { ids: string[]; users: string[]; ratings: Ratings } {
  const users = [...new Set(rows.map(({ user }) => user))];
  const itemCode = new Map(ids.map((id, code) => [id, code]));
  const userCode = new Map(users.map((id, code) => [id, code]));
  const pairs = new Map<number, { value: number; lastAt: number }>();
  for (const { user, item, event = EVENTS[0] as EventName, count = 1, lastAt = 0 } of rows) {
    const key = userCode.get(user)! * ids.length + itemCode.get(item)!;
    const pair = pairs.get(key) ?? { value: 0, lastAt };
    pairs.set(key, {
      value: pair.value + eventWeights[event] * count,
      lastAt: Math.max(pair.lastAt, lastAt),
    });
  }
  // An event of weight 0 adds nothing to a weighted vector.
  const kept = [...pairs].filter(([, { value }]) => vectors === "binary" || value > 0);
  const ratings = ratingsFromEntries({
    users: users.length,
    items: ids.length,
    user: Int32Array.from(kept, ([key]) => Math.floor(key / ids.length)),
    item: Int32Array.from(kept, ([key]) => key % ids.length),
    lastAt: Float64Array.from(kept, ([, { lastAt }]) => lastAt),
    ...(vectors === "weighted" ? { value: Float64Array.from(kept, ([, { value }]) => value) } : {}),
  });
  if (isCapped(ratings, cap)) ratings.tiePlace = hashPlaces(ids);
  return { ids, users, ratings };
}

function itemModel(ids: string[], tables: Record<TableName, NeighbourTable>, users: Int32Array): ItemModel {
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const find = (id: string) => rowOf.get(id) ?? -1;
  const model: RecommenderModel = {
    items: ids.length,
    tableOf: (name) => tables[name],
    users,
    popular: popularityOrder(users),
    findAll: (given) => given.map(find),
    idOf: (row) => ids[row],
    stock: unknownStock(ids.length),
    ...WITHOUT_CATALOGUE,
  };
  const neighboursOf = (id: string, scenario: TableName = MAIN_TABLE) => {
    const row = find(id);
    if (row < 0) return [];
    return neighboursOfRow(tables[scenario], row).map(({ item, score }) => ({
      item: ids[item],
      score: score / 1e6,
    }));
  };
  return { ...model, find, neighboursOf };
}

/** Rows have no categories, prices, stock or scopes. */
const WITHOUT_CATALOGUE = {
  findCategory: () => -1,
  categoryOf: () => -1,
  popularIn: () => new Int32Array(),
  isIn: () => false,
  variants: null,
  scopeItems: () => undefined,
};
