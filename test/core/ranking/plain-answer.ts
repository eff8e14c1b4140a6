import type { EventName } from "../../../contracts/interactions.ts";
import type { Answer, Result, Source } from "../../../contracts/http/recommendation.ts";
import { perTable, type TableName } from "../../../contracts/tables.ts";
import type { AnswerOptions, Query } from "../../../core/ranking/answer.ts";
import { compareUtf8, millionths } from "../../../core/text/order.ts";
import type { QueryWeights } from "../../../core/ranking/query.ts";
import { encodeSnapshot } from "../../../core/model/encode.ts";

/** An item of a shop, with all that a model says of it. */
export interface PlainItem extends Record<TableName, [id: string, score: number][]> {
  id: string;
  category: string | null;
  price: number | null;
  available: boolean | null;
  /** Categories beside the main one. */
  further?: string[];
  /** Items with the same number are variants of one product, and in the same category. */
  product?: number;
  users: number;
  /** Users of the scope "north"; absent or 0: none of them. */
  north?: number;
}

/** The plain definition of an answer: lists, sorts and filters, nothing clever. */
export function plainAnswer(shop: PlainItem[], query: Query, options: AnswerOptions, model: string): Answer {
  const { n, scenario = "similar", filter = {}, exclude = [], maxPerCategory = Infinity } = query;
  const itemOf = new Map(shop.map((item) => [item.id, item]));
  const weights = scenario === "similar" ? options.queryWeights : options.togetherWeights;
  const input = plainQuery(query, weights, (id) => itemOf.has(id));
  const asked = [...query.browsed, ...query.basket, ...query.purchased];
  const out = [...(options.includeInput ? [] : asked), ...exclude];
  const isSame = (a: PlainItem, b: PlainItem) =>
    a.id === b.id || (a.product !== undefined && a.product === b.product);
  const isOut = (item: PlainItem) => out.some((id) => itemOf.has(id) && isSame(item, itemOf.get(id)!));
  const isIn = ({ category, further = [] }: PlainItem, wanted: string) =>
    category === wanted || further.includes(wanted);
  const admits = (item: PlainItem) =>
    !isOut(item) && (filter.category === undefined || isIn(item, filter.category)) && isInStock(item);
  const isInStock = ({ price, available }: PlainItem) =>
    (filter.available === undefined ? available !== false : available === filter.available) &&
    (!filter.price ||
      (price !== null && price >= (filter.price.min ?? 0) && price <= (filter.price.max ?? Infinity)));

  const unknown = shop.filter(({ available }) => available === null).length;
  const named = (results: Result[]): Answer => ({
    results,
    model,
    missingIds,
    ...(filter.available !== undefined && unknown > 0 ? { unknownAvailability: unknown } : {}),
  });
  const missingIds = [...new Set(asked)].filter((id) => !itemOf.has(id));
  const partsOf = (id: string) =>
    input.flatMap(({ item, weight, event }) => {
      const neighbour = itemOf.get(item)![scenario].find(([other]) => other === id);
      return neighbour ? [{ item, event, value: weight * millionths(neighbour[1]) }] : [];
    });
  const results: Result[] = [];
  const add = (item: PlainItem, result: Omit<Result, "item">) => {
    const sameCategory = results.filter(({ item: id }) => itemOf.get(id)!.category === item.category).length;
    const isShown = results.some(({ item: id }) => isSame(item, itemOf.get(id)!));
    const isOver = item.category !== null && sameCategory >= maxPerCategory;
    if (results.length < n && !isShown && !isOver && admits(item)) results.push({ item: item.id, ...result });
  };

  const isNorth = query.scope === "north";
  const scored = shop
    .filter(({ north = 0 }) => !isNorth || north > 0)
    .map((item) => ({
      item,
      score: millionths(partsOf(item.id).reduce((sum, { value }) => sum + value, 0) / 1e6),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || compareUtf8(a.item.id, b.item.id));
  for (const { item, score } of scored) {
    const parts = partsOf(item.id).sort((a, b) => b.value - a.value || compareUtf8(a.item, b.item));
    const total = partsOf(item.id).reduce((sum, { value }) => sum + value, 0);
    const because = parts.slice(0, 3).map(({ item, event, value }) => {
      return { item, event, share: Math.round((value / total) * 1e4) / 1e4 };
    });
    add(item, { score: score / 1e6, source: "model", because });
  }

  const byUsers = shop.toSorted((a, b) => b.users - a.users || compareUtf8(a.id, b.id));
  const fill = (items: PlainItem[], source: Source) =>
    items.forEach((item) => add(item, { score: item.users, source, because: [] }));
  if (isNorth) {
    const own = byUsers.filter(({ north = 0 }) => north > 0);
    for (const item of own.sort((a, b) => b.north! - a.north! || compareUtf8(a.id, b.id)))
      add(item, { score: item.north!, source: "popular_in_scope", because: [] });
    fill(byUsers, "popular");
    return named(results);
  }
  const categories = filter.category === undefined ? heaviest(input, itemOf) : [filter.category];
  fill(
    byUsers.filter((item) => categories.some((category) => isIn(item, category))),
    "popular_in_category",
  );
  fill(byUsers, "popular");
  return named(results);
}

type Input = { item: string; weight: number; event: EventName }[];

function plainQuery(
  { browsed, basket, purchased, halfLife = Infinity }: Query,
  weights: QueryWeights,
  isKnown: (id: string) => boolean,
): Input {
  const lists = [
    ["view_item", browsed],
    ["add_to_cart", basket],
    ["purchase", purchased],
  ] as const;
  const entries = lists.flatMap(([event, ids]) =>
    [...new Set(ids.filter(isKnown).reverse())].map((item, position) => {
      return { item, event, weight: (weights?.[event] ?? 1) * 0.5 ** (position / halfLife) };
    }),
  );
  const distinct = [...new Set(entries.filter(({ weight }) => weight > 0).map(({ item }) => item))];
  return distinct.map((item) => {
    const own = entries.filter((entry) => entry.item === item && entry.weight > 0);
    const most = Math.max(...own.map(({ weight }) => weight));
    const { event } = own.findLast(({ weight }) => weight === most)!;
    return {
      item,
      event,
      weight: weights === null ? most : own.reduce((sum, { weight }) => sum + weight, 0),
    };
  });
}

function heaviest(input: Input, itemOf: Map<string, PlainItem>): string[] {
  const weights = new Map<string, number>();
  for (const { item, weight } of input) {
    const { category } = itemOf.get(item)!;
    if (category !== null) weights.set(category, (weights.get(category) ?? 0) + weight);
  }
  return [...weights]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([category]) => category);
}

const feedOf = (items: PlainItem[]) => ({
  categories: items.map(({ further = [] }) => further),
  link: items.map(() => null),
  image: items.map(({ id }) => `https://x.example/${id}`),
  group: Int32Array.from(items, ({ product = -1 }) => product),
});

/** The snapshot of a plain shop. */
export function snapshotOf(shop: PlainItem[]): Uint8Array {
  const items = shop.toSorted((a, b) => compareUtf8(a.id, b.id));
  const ids = items.map(({ id }) => id);
  const table = (scenario: TableName) => {
    const offset = new Int32Array(ids.length + 1);
    items.forEach((item, row) => (offset[row + 1] = offset[row] + item[scenario].length));
    const flat = items.flatMap((item) => item[scenario]);
    const item = Int32Array.from(flat, ([id]) => ids.indexOf(id));
    return { offset, item, score: Int32Array.from(flat, ([, score]) => millionths(score)) };
  };
  const counts = Int32Array.from(items, ({ users }) => users);
  const own = items.map(({ north = 0 }, row) => ({ row, north })).filter(({ north }) => north > 0);
  // The sort is stable, and the items are in the order of their ids.
  own.sort((a, b) => b.north - a.north);
  const north = {
    rows: Int32Array.from(own, ({ row }) => row),
    users: Int32Array.from(own, ({ north }) => north),
  };
  return encodeSnapshot({
    ids,
    tables: perTable(table),
    catalogue: {
      name: items.map(({ id }) => `name of ${id}`),
      category: items.map(({ category }) => category),
      price: items.map(({ price }) => price),
      available: items.map(({ available }) => available),
      ...(items.some(({ further, product }) => further || product !== undefined)
        ? { feed: feedOf(items) }
        : {}),
      users: counts,
      views: counts,
      purchases: counts,
    },
    scopes: new Map([["north", north]]),
  });
}
