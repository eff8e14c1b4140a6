import { millionths } from "../text/order.ts";
import type { QueryItem } from "./query.ts";
import type { NeighbourTable, Scored } from "../model/neighbour-table.ts";

/** At most so many results of one group, such as a category; rows of group -1 are not limited. */
export interface GroupLimit {
  limit: number;
  groupOf(row: number): number;
}

/** What may be in an answer. */
export interface Conditions {
  /** Rows that may not. */
  excluded: readonly number[];
  /** Asked of the few that are good enough. */
  admits?: ((row: number) => boolean) | undefined;
  group?: GroupLimit | undefined;
}

/** A query that is to be scored: the n best rows of a table are wanted. */
export interface Scoring {
  table: NeighbourTable;
  items: readonly QueryItem[];
  n: number;
  conditions: Conditions;
}

/** How much one item of the query adds to a result's score, and the next smaller contribution. */
export interface Contribution {
  from: QueryItem;
  value: number;
  next: Contribution | null;
}

/** What a score is made of: its largest contributions, and the sum of all. */
export interface Explained {
  largest: Contribution | null;
  total: number;
}

/** A row, its score in millionths, and what that is made of. */
export interface Best extends Scored {
  why: Explained;
}

/** Sums of rows: a row's is at the place that these bits of it say. Between two calls all are 0. */
interface Sums {
  sums: Float64Array;
  bits: number;
}

/** Numbers of four bytes in what a processor fetches from memory at once. */
const LINE = 16;
/** The last bits of a row; so many bytes stay in a processor's first cache. */
const LAST_BITS = 4095;
/** So many sums stay in a processor's second cache. */
const SHARED_PLACES = 65_536;
/** So many more rows than are wanted are looked at closely: some turn out to be worse than they seemed. */
const SPARE = 2;

/**
 * Scores items for a query: score(j) = sum over i of q(i) s(i,j), not normalised; only scores above 0, best first.
 *
 * First every neighbour is added up in a small table, where rows whose last bits are the same share a place: its sum is at
 * least the score of each. Then the rows with the largest sums are scored by themselves, and what they are made of is noted.
 * If a row that was left out could be better than the last of these, all is done again with a place for each row: that table is
 * exact, but with many items it is larger than a processor's caches, and each neighbour is waited for.
 *
 * The tables serve all requests of a model, so calls must not interleave: there is no await in them.
 *
 * @param reasons how many contributions to a score are named
 * @param places of the small table, a power of two
 */
export function createScorer(items: number, reasons: number, places = SHARED_PLACES) {
  /** Rows that share a place have these in common. */
  const lastBits = Math.min(LAST_BITS, places - 1);
  const own: Sums = { sums: new Float64Array(items), bits: -1 };
  // A table of twice the size costs less than rows that have to be scored again.
  const shared = items <= 2 * places ? own : { sums: new Float64Array(places), bits: places - 1 };
  /** 1 for the rows that may not be in the answer. */
  const excluded = new Uint8Array(items);
  /** 1 for the last bits of these, and of the rows that are being scored: most others need no closer look. */
  const excludedBits = new Uint8Array(lastBits + 1);
  const chosenBits = new Uint8Array(lastBits + 1);
  /** Written, never read: else a compiler may leave out what `fetch` does. */
  const fetched = new Int32Array(1);

  /** Lists lie far apart in memory: asked for together, all of them come in the time of a few. */
  function fetch({ offset, item, score }: NeighbourTable, query: readonly QueryItem[]): void {
    let any = 0;
    for (const { row } of query)
      for (let k = offset[row], end = offset[row + 1]; k < end; k += LINE) any ^= item[k] ^ score[k];
    fetched[0] = any;
  }

  function exclude(rows: readonly number[], is: 0 | 1): void {
    for (let k = 0; k < rows.length; k++) excluded[rows[k]] = excludedBits[rows[k] & lastBits] = is;
  }

  function bestOf(scoring: Scoring): Best[] {
    exclude(scoring.conditions.excluded, 1);
    const best = scoring.items.length === 1 ? bestOfOne(scoring) : bestOfSeveral(scoring);
    exclude(scoring.conditions.excluded, 0);
    return best;
  }

  /** A list is in order, but for what rounding makes equal. */
  function bestOfOne({ table, items: [from], n, conditions }: Scoring): Best[] {
    const { offset, item, score } = table;
    const { row, weight } = from;
    const why = { largest: { from, value: 1, next: null }, total: 1 };
    const best: Best[] = [];
    let least = Number.MIN_VALUE;
    for (let k = offset[row], end = offset[row + 1]; k < end && weight * score[k] >= least; k++) {
      if (isExcluded(item[k])) continue;
      offer(best, item[k], weight * score[k], n, conditions);
      least = leastOf(best, n);
    }
    for (const one of best) one.why = why;
    return best;
  }

  function bestOfSeveral(scoring: Scoring): Best[] {
    const isOwn = shared === own || scoring.conditions.group !== undefined || isCrowded(scoring);
    return (isOwn ? null : bestOfLikely(scoring)) ?? scored(scoring, own, likely(scoring, own, scoring.n));
  }

  /** Whether more than one of the n best would share its place, as is to be expected: then some would have to be scored again. */
  function isCrowded({ table: { offset }, items: query, n }: Scoring): boolean {
    let neighbours = 0;
    for (let place = 0; place < query.length; place++)
      neighbours += offset[query[place].row + 1] - offset[query[place].row];
    return n * neighbours > places;
  }

  /** Null if a row could be better of which only the sum that it shares is known. */
  function bestOfLikely(scoring: Scoring): Best[] | null {
    const { n } = scoring;
    const rows = likely(scoring, shared, n + SPARE);
    if (rows.length < n + SPARE) return scored(scoring, shared, rows);
    const { item, score } = rows[rows.length - 1];
    const best = scored(scoring, shared, rows);
    return best.length === n && !isBehind(best[n - 1], item, score) ? best : null;
  }

  /** The n rows with the largest sums; of those that share a place only the first. The table is empty then. */
  function likely({ table, items: query, conditions }: Scoring, { sums, bits }: Sums, n: number): Best[] {
    const { offset, item, score } = table;
    for (let place = 0; place < query.length; place++) {
      const { row, weight } = query[place];
      for (let k = offset[row], end = offset[row + 1]; k < end; k++)
        sums[item[k] & bits] += weight * score[k];
    }
    const best: Best[] = [];
    const refused: number[] = [];
    let least = Number.MIN_VALUE;
    for (let place = 0; place < query.length; place++) {
      const { row } = query[place];
      for (let k = offset[row], end = offset[row + 1]; k < end; k++) {
        const sum = sums[item[k] & bits];
        // In the next list, it has been seen.
        sums[item[k] & bits] = 0;
        if (sum < least) continue;
        if (!isExcluded(item[k]) && offer(best, item[k], sum, n, conditions)) {
          least = leastOf(best, n);
          continue;
        }
        // Another row of this place may get in.
        sums[item[k] & bits] = sum;
        refused.push(item[k] & bits);
      }
    }
    for (let k = 0; k < refused.length; k++) sums[refused[k]] = 0;
    return best;
  }

  const isExcluded = (row: number) => excludedBits[row & lastBits] !== 0 && excluded[row] !== 0;

  /** Scores likely rows, and those that share their places, and says what the scores are made of; keeps the n best. */
  function scored(
    { table, items: query, n, conditions }: Scoring,
    { sums, bits }: Sums,
    rows: Best[],
  ): Best[] {
    const { offset, item, score } = table;
    const likely = rows.length;
    for (let k = 0; k < likely; k++) {
      sums[rows[k].item & bits] = k + 1;
      chosenBits[rows[k].item & lastBits] = 1;
    }
    for (let place = 0; place < query.length; place++) {
      const from = query[place];
      for (let k = offset[from.row], end = offset[from.row + 1]; k < end; k++) {
        if (chosenBits[item[k] & lastBits] === 0) continue;
        const number = sums[item[k] & bits];
        if (number > 0) addTo(rowAt(rows, number - 1, item[k]).why, from, from.weight * score[k], reasons);
      }
    }
    let kept = 0;
    for (let k = 0; k < rows.length; k++) {
      const one = rows[k];
      sums[one.item & bits] = chosenBits[one.item & lastBits] = 0;
      one.score = millionths(one.why.total / 1e6);
      const isIn =
        k < likely || (!isExcluded(one.item) && (!conditions.admits || conditions.admits(one.item)));
      if (isIn && one.score > 0) putInOrder(rows, kept++, one);
    }
    rows.length = Math.min(kept, n);
    return rows;
  }

  return {
    /** The n best rows of each. */
    best(all: readonly Scoring[]): Best[][] {
      for (const { table, items } of all) fetch(table, items);
      return all.map(bestOf);
    },
  };
}

/** The order of answers: score descending, then row, which is the order of ids. */
const isBehind = (other: Scored, row: number, score: number) =>
  other.score < score || (other.score === score && other.item > row);

/** Takes a row in if it is one of the n best so far. */
function offer(best: Best[], row: number, sum: number, n: number, { admits, group }: Conditions): boolean {
  const score = millionths(sum / 1e6);
  const isGood = score > 0 && (best.length < n || isBehind(best[n - 1], row, score));
  if (!isGood || (admits && !admits(row))) return false;
  if (group) insertInGroup(best, row, score, n, group);
  else insert(best, row, score, n);
  return true;
}

/** What a sum must have to get in, however it is rounded. */
const leastOf = (best: readonly Best[], n: number) =>
  best.length < n ? Number.MIN_VALUE : best[n - 1].score - 1;

/** Keeps a list of the n best in order: n is small, and most that is scored does not get in. */
function insert(best: Best[], row: number, score: number, n: number): void {
  let place = best.length < n ? best.length : n - 1;
  const one = best[place] ?? newRow(0);
  for (; place > 0 && isBehind(best[place - 1], row, score); place--) best[place] = best[place - 1];
  one.item = row;
  one.score = score;
  best[place] = one;
}

const newRow = (item: number): Best => ({ item, score: 0, why: { largest: null, total: 0 } });

/** The row of this number, or another one that shares its place. */
function rowAt(rows: Best[], k: number, row: number): Best {
  if (rows[k].item === row) return rows[k];
  const known = rows.find(({ item }) => item === row);
  if (known) return known;
  const other = newRow(row);
  rows.push(other);
  return other;
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
function putInOrder(rows: Best[], many: number, one: Best): void {
  let place = many;
  for (; place > 0 && isBehind(rows[place - 1], one.item, one.score); place--) rows[place] = rows[place - 1];
  rows[place] = one;
}

/** Links take a third of the memory of arrays as short as these, and memory that a request goes through costs it time. */
function addTo(explained: Explained, from: QueryItem, value: number, most: number): void {
  explained.total += value;
  let before: Contribution | null = null;
  let after = explained.largest;
  let left = most;
  while (after !== null && !isSmaller(after, from, value)) {
    before = after;
    after = after.next;
    left--;
  }
  if (left === 0) return;
  const one: Contribution = { from, value, next: after };
  if (before === null) explained.largest = one;
  else before.next = one;
  cutAfter(one, left);
}

/** Of a list from here on, only so many stay. */
function cutAfter(first: Contribution, most: number): void {
  let last = first;
  for (let left = most; left > 1 && last.next !== null; left--) last = last.next;
  last.next = null;
}

const isSmaller = (other: Contribution, from: QueryItem, value: number) =>
  other.value < value || (other.value === value && other.from.row > from.row);
