import { millionths } from "./order.ts";
import type { NeighbourTable, QueryItem, Scored } from "./recommend.ts";

/** Whether a row may be in an answer. */
export type Admits = (row: number) => boolean;

/** At most so many results of one group, such as a category; rows of group -1 are not limited. */
export interface GroupLimit {
  limit: number;
  groupOf(row: number): number;
}

/** How much one item of the query adds to a result's score. */
export interface Contribution {
  from: QueryItem;
  value: number;
}

const MARKS = 4096;

/**
 * Scores items for a query: score(j) = sum over i of q(i) s(i,j), not normalised; only scores above 0, best first.
 * The rows of a query are few, and sums for them alone stay in the processor's cache, however many items there are: a
 * hash table, one for all tables and requests of a model, so calls must not interleave: there is no await in them.
 */
export function createScorer() {
  /** Row + 1, or 0 where there is none; beside it the sum. All is 0 between two calls. */
  let keys = new Int32Array(1024);
  let sums = new Float64Array(1024);
  /** The places in use. */
  let touched = new Int32Array(256);
  /** Marks what the rows of an answer end in, so that others need no closer look. */
  const isMarked = new Uint8Array(MARKS);

  function accumulate({ offset, item, score }: NeighbourTable, query: readonly QueryItem[]): number {
    let length = 0;
    for (const { row } of query) length += offset[row + 1] - offset[row];
    // A call uses as much of the table as it needs: a power of two.
    const size = 2 ** Math.ceil(Math.log2(4 * length + 16));
    if (size > keys.length) {
      keys = new Int32Array(size);
      sums = new Float64Array(size);
      touched = new Int32Array(size >> 2);
    }
    const [key, sum, places, shift, last] = [keys, sums, touched, Math.clz32(size - 1), size - 1];
    let count = 0;
    for (const { row, weight } of query) {
      for (let k = offset[row], end = offset[row + 1]; k < end; k++) {
        const wanted = item[k] + 1;
        let place = Math.imul(wanted, 0x9e3779b1) >>> shift;
        while (key[place] !== wanted && key[place] !== 0) place = (place + 1) & last;
        if (key[place] === 0) {
          key[place] = wanted;
          places[count++] = place;
        }
        sum[place] += weight * score[k];
      }
    }
    return count;
  }

  return {
    /** The n best rows that are admitted, scores in millionths. */
    best(
      table: NeighbourTable,
      query: readonly QueryItem[],
      n: number,
      admits: Admits,
      group?: GroupLimit,
    ): Scored[] {
      const count = accumulate(table, query);
      const best: Scored[] = [];
      let least = 0;
      for (let t = 0; t < count; t++) {
        const place = touched[t];
        const row = keys[place] - 1;
        const sum = sums[place];
        keys[place] = 0;
        sums[place] = 0;
        // Most do not get in, however they are rounded: what is asked of the few that do may cost something.
        if (sum < least - 1) continue;
        const score = millionths(sum / 1e6);
        if (score <= 0 || (best.length === n && !isBehind(best[n - 1], row, score)) || !admits(row)) continue;
        if (group) insertInGroup(best, row, score, n, group);
        else insert(best, row, score, n);
        if (best.length === n) least = best[n - 1].score;
      }
      return best;
    },

    /** What each item of the query adds to each of these rows. */
    contributions(
      { offset, item, score }: NeighbourTable,
      query: readonly QueryItem[],
      rows: readonly Scored[],
    ): Contribution[][] {
      const found = rows.map((): Contribution[] => []);
      const places = new Map(rows.map(({ item: row }, place) => [row, place]));
      for (const { item: row } of rows) isMarked[row % MARKS] = 1;
      for (const from of query) {
        for (let k = offset[from.row], end = offset[from.row + 1]; k < end; k++) {
          if (isMarked[item[k] % MARKS] === 0) continue;
          const place = places.get(item[k]);
          if (place !== undefined) found[place].push({ from, value: from.weight * score[k] });
        }
      }
      for (const { item: row } of rows) isMarked[row % MARKS] = 0;
      return found;
    },
  };
}
export type Scorer = ReturnType<typeof createScorer>;

/** The order of answers: score descending, then row, which is the order of ids. */
const isBehind = (other: Scored, row: number, score: number) =>
  other.score < score || (other.score === score && other.item > row);

/** Keeps a list of the n best in order: n is small, and most that is scored does not get in. */
function insert(best: Scored[], row: number, score: number, n: number): void {
  let place = best.length < n ? best.length : n - 1;
  while (place > 0 && isBehind(best[place - 1], row, score)) {
    best[place] = best[place - 1];
    place--;
  }
  best[place] = { item: row, score };
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
