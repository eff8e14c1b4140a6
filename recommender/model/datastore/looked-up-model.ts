import type { TableName } from "../../../contracts/tables.ts";
import type { EncodedIds } from "../../../core/model/row-ids.ts";
import type { RankedModel } from "../../../core/ranking/ranker.ts";
import { setAvailability, unknownStock, type Stock } from "../../../core/ranking/stock.ts";
import { compareUtf8, millionths } from "../../../core/text/order.ts";
import { murmur3 } from "../../../core/text/hash.ts";
import type { StoredItem } from "../../../night/state/item-store.ts";

const encoder = new TextEncoder();

/** One popular item. */
export interface PopularItem {
  item: string;
  users: number;
  /** Undefined where the store lists the item as popular, but does not have it. */
  stored: StoredItem | undefined;
}

/** The items that were looked up for one request. */
export interface LookedUp {
  /** The items of the query that the model has. */
  query: ReadonlyMap<string, StoredItem>;
  popular: readonly PopularItem[];
}

/** Part of a model. */
export interface PartOfModel extends RankedModel, EncodedIds {
  /** Takes in the attributes of more of its items. */
  describe(items: ReadonlyMap<string, StoredItem>): void;
  /** True if the attributes of a row were looked up. */
  isDescribed(row: number): boolean;
}

/**
 * The part of a model that one request needs: the items that were looked up, their neighbours in
 * its scenario, and popular items. For this scenario it ranks exactly as the full model does.
 */
export function lookedUpModel({ query, popular }: LookedUp, scenario: TableName): PartOfModel {
  const lists = [...query].map(([id, { lists }]) => ({ id, ...lists[scenario] }));
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
  const known: (StoredItem | undefined)[] = ids.map(() => undefined);
  const stock: Stock = { ...unknownStock(ids.length), priceOf: (row) => known[row]?.price ?? NaN };
  const take = (row: number, stored: StoredItem | undefined) => {
    known[row] = stored;
    setAvailability(stock, row, stored?.available ?? null);
  };
  for (const { item, users: count, stored } of popular) {
    users[rows.get(item)!] = count;
    take(rows.get(item)!, stored);
  }
  const describe = (others: ReadonlyMap<string, StoredItem>) => {
    for (const [id, stored] of others) take(rows.get(id)!, stored);
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
    const category = known[row]?.category ?? null;
    return category === null ? -1 : codeOf(category);
  };
  const popularRows = Int32Array.from(popular, ({ item }) => rows.get(item)!);
  return {
    items: ids.length,
    tableOf(name) {
      if (name !== scenario) throw new RangeError(`only the table ${scenario} was looked up, not ${name}`);
      return table;
    },
    popular: popularRows,
    users,
    popularIn: (category) => popularRows.filter((row) => categoryOf(row) === category),
    findAll: (ids) => ids.map((id) => rows.get(id) ?? -1),
    idOf: (row) => ids[row],
    idHashOf: (row) => murmur3(ids[row]),
    copyId: (row, into, at) => at + encoder.encodeInto(ids[row], into.subarray(at)).written,
    findCategory: codeOf,
    categoryOf,
    isIn: (row, category) => categoryOf(row) === category,
    stock,
    // Datastore has no groups of variants.
    variants: null,
    // Datastore has no scopes of users.
    scopeItems: () => undefined,
    describe,
    isDescribed: (row) => known[row] !== undefined,
  };
}

/**
 * Sorts ids as the whole model's rows are: it decides between equal scores. Only surrogates are in
 * another place by UTF-16 units than by UTF-8 bytes, and JavaScript's own order takes a third of
 * the time.
 */
const inOrder = (ids: string[]) =>
  /[\ud800-\udfff]/.test(ids.join("")) ? ids.sort(compareUtf8) : ids.sort();
