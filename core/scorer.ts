import { millionths } from "./order.ts";
import type { NeighbourTable, QueryItem, Scored } from "./recommend.ts";

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

/** How much one item of the query adds to a result's score. */
export interface Contribution {
  from: QueryItem;
  value: number;
}

/** What a score is made of: the largest contributions, and the sum of all. */
export interface Explained {
  largest: Contribution[];
  total: number;
}

/** Numbers of four bytes in what a processor fetches from memory at once. */
const LINE = 16;
/** The last bits of a row; so many bytes stay in a processor's first cache. */
const LAST_BITS = 4095;

/**
 * Scores items for a query: score(j) = sum over i of q(i) s(i,j), not normalised; only scores above 0, best first.
 * One dense accumulator serves all tables and requests of a model, so calls must not interleave: there is no await in them.
 */
export function createScorer(items: number) {
  /** Between two calls all are 0. */
  const sums = new Float64Array(items);
  /** Written, never read: else a compiler may leave out what `fetch` does. */
  const fetched = new Int32Array(1);
  /** 1 where a row of an answer ends in these bits: the others need no closer look. */
  const marks = new Uint8Array(LAST_BITS + 1);

  /** Lists lie far apart in memory: asked for together, all of them come in the time of a few. */
  function fetch({ offset, item, score }: NeighbourTable, query: readonly QueryItem[]): void {
    let any = 0;
    for (const { row } of query)
      for (let k = offset[row], end = offset[row + 1]; k < end; k += LINE) any ^= item[k] ^ score[k];
    fetched[0] = any;
  }

  function accumulate({ offset, item, score }: NeighbourTable, query: readonly QueryItem[]): void {
    for (const { row, weight } of query)
      for (let k = offset[row], end = offset[row + 1]; k < end; k++) sums[item[k]] += weight * score[k];
  }

  /** A list is in order, but for what rounding makes equal. */
  function bestOfOne(
    { offset, item, score }: NeighbourTable,
    { row, weight }: QueryItem,
    excluded: readonly number[],
    offer: (row: number, sum: number) => number,
  ): void {
    let least = Number.MIN_VALUE;
    for (let k = offset[row], end = offset[row + 1]; k < end && weight * score[k] >= least; k++)
      if (!excluded.includes(item[k])) least = offer(item[k], weight * score[k]);
  }

  function bestOf({ table, items: query, n, conditions: { excluded, admits, group } }: Scoring): Scored[] {
    const best: Scored[] = [];
    /** Takes a row in if it is one of the best so far; returns what a sum must have to get in, however it is rounded. */
    const offer = (row: number, sum: number) => {
      const score = millionths(sum / 1e6);
      const isIn = best.length < n || isBehind(best[n - 1], row, score);
      if (score > 0 && isIn && (!admits || admits(row))) {
        if (group) insertInGroup(best, row, score, n, group);
        else insert(best, row, score, n);
      }
      return best.length < n ? Number.MIN_VALUE : best[n - 1].score - 1;
    };
    if (query.length === 1) {
      bestOfOne(table, query[0], excluded, offer);
      return best;
    }
    // Whatever is added to it, it gets nowhere.
    for (const row of excluded) sums[row] = -Infinity;
    accumulate(table, query);
    const { offset, item } = table;
    let least = Number.MIN_VALUE;
    for (const { row: from } of query) {
      for (let k = offset[from], end = offset[from + 1]; k < end; k++) {
        const row = item[k];
        const sum = sums[row];
        // In the next list, it has been seen.
        sums[row] = 0;
        if (sum >= least) least = offer(row, sum);
      }
    }
    for (const row of excluded) sums[row] = 0;
    return best;
  }

  return {
    /** The n best rows of each, scores in millionths. */
    best(all: readonly Scoring[]): Scored[][] {
      for (const { table, items } of all) fetch(table, items);
      return all.map(bestOf);
    },

    /** What each of these rows has its score from: at most so many items of the query. */
    explain(
      { offset, item, score }: NeighbourTable,
      query: readonly QueryItem[],
      rows: readonly Scored[],
      most: number,
    ): Explained[] {
      const found = rows.map((): Explained => ({ largest: [], total: 0 }));
      // The accumulator, empty between requests, lends itself to finding the place of a row.
      for (let place = 0; place < rows.length; place++) {
        sums[rows[place].item] = place + 1;
        marks[rows[place].item & LAST_BITS] = 1;
      }
      for (const from of query) {
        for (let k = offset[from.row], end = offset[from.row + 1]; k < end; k++) {
          if (marks[item[k] & LAST_BITS] === 0) continue;
          const place = sums[item[k]];
          if (place !== 0) addTo(found[place - 1], from, from.weight * score[k], most);
        }
      }
      for (const { item: row } of rows) sums[row] = marks[row & LAST_BITS] = 0;
      return found;
    },
  };
}

/** The order of answers: score descending, then row, which is the order of ids. */
const isBehind = (other: Scored, row: number, score: number) =>
  other.score < score || (other.score === score && other.item > row);

/** Keeps a list of the n best in order: n is small, and most that is scored does not get in. */
function insert(best: Scored[], row: number, score: number, n: number): void {
  let place = best.length < n ? best.length : n - 1;
  const one = best[place] ?? { item: 0, score: 0 };
  while (place > 0 && isBehind(best[place - 1], row, score)) {
    best[place] = best[place - 1];
    place--;
  }
  one.item = row;
  one.score = score;
  best[place] = one;
}

/** The same for a list that holds the best `limit` of each group only. */
function insertInGroup(
  best: Scored[],
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

function addTo(explained: Explained, from: QueryItem, value: number, most: number): void {
  const { largest } = explained;
  explained.total += value;
  let place = largest.length;
  while (place > 0 && isSmaller(largest[place - 1], from, value)) place--;
  if (place === most) return;
  for (let k = Math.min(largest.length, most - 1); k > place; k--) largest[k] = largest[k - 1];
  largest[place] = { from, value };
}

const isSmaller = (other: Contribution, from: QueryItem, value: number) =>
  other.value < value || (other.value === value && other.from.row > from.row);
