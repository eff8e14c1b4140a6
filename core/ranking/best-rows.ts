import { millionths } from "../text/order.ts";
import type { Scored } from "../model/neighbour-table.ts";
import type { Explained } from "./reasons.ts";

/** A row, its score in millionths, and the reasons for it. */
export interface Best extends Scored {
  why: Explained;
}

/** At most so many results of one group, such as a category; rows of group -1 are not limited. */
export interface GroupLimit {
  limit: number;
  groupOf(row: number): number;
}

/** The rows that an answer may have. */
export interface Conditions {
  /** Rows that it may not have. */
  excluded: readonly number[];
  /** Asked of the few that are good enough. */
  admits?: ((row: number) => boolean) | undefined;
  group?: GroupLimit | undefined;
}

/** The order of answers: score descending, then row, which is the order of ids. */
export const isBehind = (other: Scored, row: number, score: number) =>
  other.score < score || (other.score === score && other.item > row);

export const newRow = (item: number): Best => ({ item, score: 0, why: { largest: null, total: 0 } });

/** Takes a row into a list of the n best if it is one of them so far. */
export function offer(
  best: Best[],
  row: number,
  sum: number,
  n: number,
  { admits, group }: Conditions,
): boolean {
  const score = millionths(sum / 1e6);
  const isGood = score > 0 && (best.length < n || isBehind(best[n - 1], row, score));
  if (!isGood || (admits && !admits(row))) return false;
  if (group) insertInGroup(best, row, score, n, group);
  else insert(best, row, score, n);
  return true;
}

/** The least sum that may get in, however it is rounded. */
export const leastOf = (best: readonly Best[], n: number) =>
  best.length < n ? Number.MIN_VALUE : best[n - 1].score - 1;

/** Keeps a list of the n best in order: n is small, and few scores get in. */
function insert(best: Best[], row: number, score: number, n: number): void {
  let place = best.length < n ? best.length : n - 1;
  const one = best[place] ?? newRow(0);
  for (; place > 0 && isBehind(best[place - 1], row, score); place--) best[place] = best[place - 1];
  one.item = row;
  one.score = score;
  best[place] = one;
}

/** The same for a list that holds the best `limit` of each group only. */
function insertInGroup(
  best: Best[],
  row: number,
  score: number,
  n: number,
  { limit, groupOf }: GroupLimit,
): void {
  const group = groupOf(row);
  const others = group < 0 ? [] : best.filter(({ item }) => groupOf(item) === group);
  if (others.length >= limit) {
    const last = others[others.length - 1];
    if (!isBehind(last, row, score)) return;
    best.splice(best.indexOf(last), 1);
  }
  insert(best, row, score, n);
}

/** Puts one among the first so many, which are in order. */
export function putInOrder(rows: Best[], many: number, one: Best): void {
  let place = many;
  for (; place > 0 && isBehind(rows[place - 1], one.item, one.score); place--) rows[place] = rows[place - 1];
  rows[place] = one;
}
