import { millionths } from "../text/order.ts";
import type { Scored } from "../model/neighbour-table.ts";
import type { Explained } from "./reasons.ts";

/** A row, its score in millionths, and the reasons for it. */
export interface Best extends Scored {
  why: Explained;
}

/**
 * At most `limit` results of one group: a category, or the variants of one product. Rows of group
 * -1 are not limited.
 */
export interface GroupLimit {
  limit: number;
  groupOf(row: number): number;
}

/** The conditions on rows of an answer. */
export interface Conditions {
  /** Rows that an answer must not contain. */
  excluded: readonly number[];
  /** A test of rows. Only rows with a high enough score are tested. */
  admits?: ((row: number) => boolean) | undefined;
  /** Groups of an earlier limit lie within groups of a later one. */
  groups?: readonly GroupLimit[] | undefined;
}

/** The order of answers: by falling score, then by row, which is the order of ids. */
export const isBehind = (other: Scored, row: number, score: number) =>
  other.score < score || (other.score === score && other.item > row);

export const newRow = (item: number): Best => ({ item, score: 0, why: { largest: null, total: 0 } });

/**
 * Puts a row into a list of the n best, if it belongs there. The result is false if it does not, or
 * is not admitted.
 */
export function offer(
  best: Best[],
  row: number,
  sum: number,
  n: number,
  { admits, groups }: Conditions,
): boolean {
  const score = millionths(sum / 1e6);
  const isGood = score > 0 && (best.length < n || isBehind(best[n - 1], row, score));
  if (!isGood || (admits && !admits(row))) return false;
  if (groups) insertInGroups(best, row, score, n, groups);
  else insert(best, row, score, n);
  return true;
}

/** The bar: no lower sum can enter the list, however it is rounded. */
export const leastOf = (best: readonly Best[], n: number) =>
  best.length < n ? Number.MIN_VALUE : best[n - 1].score - 1;

/** Insertion into a sorted list: n is small, and few scores enter. */
function insert(best: Best[], row: number, score: number, n: number): void {
  let place = best.length < n ? best.length : n - 1;
  const one = best[place] ?? newRow(0);
  for (; place > 0 && isBehind(best[place - 1], row, score); place--) best[place] = best[place - 1];
  one.item = row;
  one.score = score;
  best[place] = one;
}

/**
 * Inserts into a list that holds only the best `limit` rows of each group. A row that takes the
 * place of another variant leaves the number of its category as it was.
 */
function insertInGroups(
  best: Best[],
  row: number,
  score: number,
  n: number,
  groups: readonly GroupLimit[],
): void {
  for (const { limit, groupOf } of groups) {
    const group = groupOf(row);
    const others = group < 0 ? [] : best.filter(({ item }) => groupOf(item) === group);
    if (others.length < limit) continue;
    const last = others[others.length - 1];
    if (!isBehind(last, row, score)) return;
    best.splice(best.indexOf(last), 1);
    break;
  }
  insert(best, row, score, n);
}

/** Inserts a row among the first `many` rows, which are sorted. */
export function putInOrder(rows: Best[], many: number, one: Best): void {
  let place = many;
  for (; place > 0 && isBehind(rows[place - 1], one.item, one.score); place--) rows[place] = rows[place - 1];
  rows[place] = one;
}
