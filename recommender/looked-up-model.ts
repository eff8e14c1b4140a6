import type { ItemEntity } from "../adapters/gcp/datastore.ts";
import type { RecommenderModel } from "../core/answer.ts";
import { compareUtf8, millionths } from "../core/order.ts";
import type { NeighbourTable } from "../core/recommend.ts";

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
  /** Others, of which only the attributes count. */
  others?: ReadonlyMap<string, ItemEntity>;
  popular: readonly PopularItem[];
}

/** Part of a model, and whether the attributes of a row were looked up. */
export interface PartOfModel extends RecommenderModel {
  isDescribed(row: number): boolean;
}

/**
 * The part of a model that one request needs: the items that were looked up, their neighbours, and popular items.
 * Whoever scores it cannot tell it from the whole.
 */
export function lookedUpModel({ query, others = new Map(), popular }: LookedUp): PartOfModel {
  const lists = [...query.values()].flatMap(({ items, togetherItems }) => [items, togetherItems]);
  // In the order of the whole model's rows: it decides between equal scores.
  const distinct = new Set([...query.keys(), ...lists.flat(), ...popular.map(({ item }) => item)]);
  const ids = [...distinct].sort(compareUtf8);
  const rows = new Map(ids.map((id, row) => [id, row]));
  const entities = new Map<string, ItemEntity | undefined>([
    ...popular.map(({ item, entity }) => [item, entity] as const),
    ...others,
    ...query,
  ]);
  const entityOf = (row: number) => entities.get(ids[row]);

  const table = (itemsOf: (entity: ItemEntity) => [string[], number[]]): NeighbourTable => {
    const inOrder = ids.map((id) => (query.has(id) ? itemsOf(query.get(id)!) : NONE));
    const offset = new Int32Array(ids.length + 1);
    inOrder.forEach(([items], row) => (offset[row + 1] = offset[row] + items.length));
    const item = Int32Array.from(
      inOrder.flatMap(([items]) => items),
      (id) => rows.get(id)!,
    );
    const score = Int32Array.from(
      inOrder.flatMap(([, scores]) => scores),
      millionths,
    );
    return { offset, item, score };
  };

  const users = new Int32Array(ids.length);
  for (const { item, users: count } of popular) users[rows.get(item)!] = count;
  const popularRows = Int32Array.from(popular, ({ item }) => rows.get(item)!);
  const codes = new Map<string, number>();
  const categories = ids.map((_, row) => {
    const name = entityOf(row)?.category ?? null;
    if (name === null) return -1;
    if (!codes.has(name)) codes.set(name, codes.size);
    return codes.get(name)!;
  });
  return {
    items: ids.length,
    similar: table(({ items, scores }) => [items, scores]),
    together: table(({ togetherItems, togetherScores }) => [togetherItems, togetherScores]),
    ...{ popular: popularRows, users },
    popularIn: (category) => popularRows.filter((row) => categories[row] === category),
    findAll: (ids) => ids.map((id) => rows.get(id) ?? -1),
    idOf: (row) => ids[row],
    findCategory: (name) => codes.get(name) ?? -1,
    categoryOf: (row) => categories[row],
    priceOf: (row) => entityOf(row)?.price ?? NaN,
    isAvailable: (row) => entityOf(row)?.available ?? false,
    isDescribed: (row) => entityOf(row) !== undefined,
  };
}

const NONE: [string[], number[]] = [[], []];
