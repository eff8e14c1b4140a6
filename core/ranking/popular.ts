import type { Filter, Source } from "../../contracts/http/recommendation.ts";
import type { RankedModel, ScopeItems } from "./ranker.ts";
import type { QueryItem } from "./query.ts";

/** The conditions for filling an answer with popular items. */
export interface Fill {
  n: number;
  query: readonly QueryItem[];
  filter?: Filter | undefined;
  scope?: ScopeItems | undefined;
  maxPerCategory?: number | undefined;
  /** Rows that the answer already has. */
  shown: readonly number[];
  excluded: readonly number[];
  admits?: ((row: number) => boolean) | undefined;
}

/**
 * Most rows in one pass. A filter that fits hardly any item must not delay other requests, however
 * large the shop is.
 */
export const MOST_LOOKED_AT = 40_000;

/**
 * Adds popular rows until the answer has n results, each with its number of users. Rows of the
 * scope, else of the relevant categories, come first, then any row.
 */
export function popularRows(
  model: RankedModel,
  { n, query, filter, scope, maxPerCategory = Infinity, shown, excluded, admits }: Fill,
  add: (row: number, source: Source, users: number) => void,
): void {
  const taken = new Set([...shown, ...excluded]);
  let missing = n - shown.length;
  const perCategory = new Map<number, number>();
  const count = (row: number) => {
    const category = model.categoryOf(row);
    if (category >= 0) perCategory.set(category, (perCategory.get(category) ?? 0) + 1);
  };
  if (maxPerCategory < Infinity) shown.forEach(count);
  const isOther = otherProducts(model, shown);

  const isFull = (category: number) => (perCategory.get(category) ?? 0) >= maxPerCategory;
  const take = (row: number, source: Source, users = model.users[row]) => {
    // Where a filter fits hardly any row, it is all that is looked at.
    if ((admits && !admits(row)) || taken.has(row) || isFull(model.categoryOf(row))) return;
    if (!isOther(row)) return;
    taken.add(row);
    missing--;
    if (maxPerCategory < Infinity) count(row);
    add(row, source, users);
  };

  const { rows: own, users } = scope ?? NO_ITEMS;
  for (let k = 0; k < own.length && missing > 0; k++) take(own[k], "popular_in_scope", users[k]);
  let looks = 0;
  for (const row of scope ? [] : merged(model, categoriesOf(model, query, filter), isFull)) {
    if (missing === 0) return;
    if (looks++ === MOST_LOOKED_AT) break;
    take(row, "popular_in_category");
  }
  // No other category fits the filter.
  if (!scope && filter?.category !== undefined) return;
  const most = Math.min(model.popular.length, MOST_LOOKED_AT);
  for (let k = 0; k < most && missing > 0; k++) take(model.popular[k], "popular");
}

/** Tells, row by row, if a product has not been there in another variant. */
export function otherProducts(
  { variants }: Pick<RankedModel, "variants">,
  shown: readonly number[],
): (row: number) => boolean {
  if (!variants) return () => true;
  const seen = new Set(shown.map((row) => variants[row]));
  return (row) => {
    const product = variants[row];
    if (product < 0) return true;
    const isOther = !seen.has(product);
    if (isOther) seen.add(product);
    return isOther;
  };
}

const NO_ITEMS: ScopeItems = { rows: new Int32Array(), users: new Int32Array() };

/** Only the heaviest categories of the query's items count. */
const MAX_CATEGORIES = 5;

function categoriesOf(model: RankedModel, query: readonly QueryItem[], filter: Filter | undefined): number[] {
  if (filter?.category !== undefined)
    return [model.findCategory(filter.category)].filter((code) => code >= 0);
  const weights = new Map<number, number>();
  for (const { row, weight } of query) {
    const category = model.categoryOf(row);
    if (category >= 0) weights.set(category, (weights.get(category) ?? 0) + weight);
  }
  const heaviest = [...weights].sort(([, a], [, b]) => b - a).slice(0, MAX_CATEGORIES);
  return heaviest.map(([category]) => category);
}

/**
 * Merges the rows of several categories by popularity. Full categories are skipped. There are few
 * categories, so each step compares all heads.
 */
function* merged(
  { popularIn, users }: RankedModel,
  categories: readonly number[],
  isFull: (category: number) => boolean,
): Generator<number> {
  const heads = categories.map((category) => ({ category, rows: popularIn(category), at: 0 }));
  for (;;) {
    let next: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.at === head.rows.length || isFull(head.category)) continue;
      if (!next || isBefore(users, head.rows[head.at], next.rows[next.at])) next = head;
    }
    if (!next) return;
    yield next.rows[next.at++];
  }
}

const isBefore = (users: Int32Array, a: number, b: number) =>
  users[a] > users[b] || (users[a] === users[b] && a < b);

/** Items by falling number of users, ties by id. */
export function popularityOrder(users: ArrayLike<number>): Int32Array {
  const order = Int32Array.from({ length: users.length }, (_, i) => i);
  return order.sort((a, b) => users[b] - users[a] || a - b);
}
