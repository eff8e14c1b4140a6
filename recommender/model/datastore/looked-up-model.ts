import type { ItemEntity } from "../../../adapters/gcp/datastore.ts";
import type { TableName } from "../../../contracts/tables.ts";
import type { Ids, RankedModel } from "../../../core/ranking/ranker.ts";
import { compareUtf8, millionths } from "../../../core/text/order.ts";
import { murmur3 } from "../../../core/text/hash.ts";

const encoder = new TextEncoder();

/** What is known of one popular item. */
export interface PopularItem {
  item: string;
  users: number;
  entity: ItemEntity | undefined;
}

/** What was looked up for one request. */
export interface LookedUp {
  /** The items of the query that the model has. */
  query: ReadonlyMap<string, ItemEntity>;
  popular: readonly PopularItem[];
}

/** Part of a model. */
export interface PartOfModel extends RankedModel, Ids {
  /** Takes in the attributes of more of its items. */
  describe(entities: ReadonlyMap<string, ItemEntity>): void;
  /** Whether the attributes of a row were looked up. */
  isDescribed(row: number): boolean;
}

/**
 * The part of a model that one request needs: the items that were looked up, their neighbours in its scenario, and
 * popular items. Whoever scores it in this scenario cannot tell it from the whole.
 */
export function lookedUpModel({ query, popular }: LookedUp, scenario: TableName): PartOfModel {
  const lists = [...query].map(([id, entity]) => ({ id, ...listOf(entity, scenario) }));
  const distinct = new Set(query.keys());
  for (const { items } of lists) for (const id of items) distinct.add(id);
  for (const { item } of popular) distinct.add(item);
  const ids = inOrder([...distinct]);
  const rows = new Map<string, number>();
  for (let row = 0; row < ids.length; row++) rows.set(ids[row], row);

  const offset = new Int32Array(ids.length + 1);
  for (const { id, items } of lists) offset[rows.get(id)! + 1] = items.length;
  for (let row = 0; row < ids.length; row++) offset[row + 1] += offset[row];
  const item = new Int32Array(offset[ids.length]);
  const score = new Int32Array(offset[ids.length]);
  for (const { id, items, scores } of lists) {
    const start = offset[rows.get(id)!];
    for (let k = 0; k < items.length; k++) {
      item[start + k] = rows.get(items[k])!;
      score[start + k] = millionths(scores[k]);
    }
  }
  const table = { offset, item, score };

  const users = new Int32Array(ids.length);
  const entities: (ItemEntity | undefined)[] = ids.map(() => undefined);
  for (const { item, users: count, entity } of popular) {
    users[rows.get(item)!] = count;
    entities[rows.get(item)!] = entity;
  }
  const describe = (others: ReadonlyMap<string, ItemEntity>) => {
    for (const [id, entity] of others) entities[rows.get(id)!] = entity;
  };
  describe(query);

  /** Numbers of categories, in the order in which they are asked for. */
  const codes = new Map<string, number>();
  const codeOf = (category: string) => {
    const code = codes.get(category) ?? codes.size;
    codes.set(category, code);
    return code;
  };
  const categoryOf = (row: number) => {
    const category = entities[row]?.category ?? null;
    return category === null ? -1 : codeOf(category);
  };
  const popularRows = Int32Array.from(popular, ({ item }) => rows.get(item)!);
  return {
    items: ids.length,
    similar: table,
    together: table,
    popular: popularRows,
    users,
    popularIn: (category) => popularRows.filter((row) => categoryOf(row) === category),
    findAll: (ids) => ids.map((id) => rows.get(id) ?? -1),
    idOf: (row) => ids[row],
    hashOf: (row) => murmur3(ids[row]),
    writeId: (row, into, at) => at + encoder.encodeInto(ids[row], into.subarray(at)).written,
    findCategory: codeOf,
    categoryOf,
    priceOf: (row) => entities[row]?.price ?? NaN,
    isAvailable: (row) => entities[row]?.available ?? false,
    describe,
    isDescribed: (row) => entities[row] !== undefined,
  };
}

/** An item's neighbours in a scenario, best first. */
export const listOf = (entity: ItemEntity, scenario: TableName) =>
  scenario === "similar"
    ? { items: entity.items, scores: entity.scores }
    : { items: entity.togetherItems, scores: entity.togetherScores };

/**
 * Sorts ids as the whole model's rows are: it decides between equal scores. Only surrogates are in another place by UTF-16
 * units than by UTF-8 bytes, and JavaScript's own order takes a third of the time.
 */
const inOrder = (ids: string[]) =>
  /[\ud800-\udfff]/.test(ids.join("")) ? ids.sort(compareUtf8) : ids.sort();
