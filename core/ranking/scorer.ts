import { millionths } from "../text/order.ts";
import { isBehind, leastOf, newRow, offer, putInOrder, type Best, type Conditions } from "./best-rows.ts";
import type { NeighbourTable } from "../model/neighbour-table.ts";
import type { QueryItem } from "./query.ts";
import { addContribution } from "./reasons.ts";

/** A query for the scorer. It asks for the n best rows of a table. */
export interface Scoring {
  table: NeighbourTable;
  items: readonly QueryItem[];
  n: number;
  conditions: Conditions;
}

/** A table of sums: a row's sum is at `row & bits`. Between two calls all sums are 0. */
interface Sums {
  sums: Float64Array;
  bits: number;
}

/** Four-byte numbers in a cache line, the unit in which a processor fetches memory. */
const LINE = 16;
/** A mask of a row's last bits. A table with one byte for each value fits the first-level cache. */
const LAST_BITS = 4095;
/** Places of a shared table of sums, which fits the second-level cache. */
const SHARED_PLACES = 65_536;
/** Extra candidates to score exactly: shared sums overestimate. */
const SPARE = 2;

/**
 * Scores items for a query: score(j) = sum over i of q(i) s(i,j), not normalised. Only scores above
 * 0 count. The best comes first.
 *
 * - Shared sums: the scorer adds up every neighbour in a small table that fits the caches. Rows
 *   with the same last bits share a place there. So a sum is at least each row's score. A table
 *   with a place for each row is exact. But with many items it exceeds the caches, and each
 *   neighbour waits for memory.
 * - Exact second pass: the rows with the largest sums are scored by themselves. Their reasons are
 *   noted.
 * - Fallback: if a row that was left out could be better than the last of these, the scorer starts
 *   again with a place for each row.
 * - Prefetch: see `#fetch`.
 *
 * All requests of a model share the tables, so calls must not interleave. The methods never await.
 */
export class Scorer {
  readonly #reasons: number;
  readonly #places: number;
  readonly #own: Sums;
  readonly #shared: Sums;
  readonly #excluded: MarkedRows;
  /** A mark for the last bits of the rows to score. It rules out most other rows quickly. */
  readonly #chosenBits: Uint8Array;
  /** Prefetched values are written here, so that a compiler cannot drop the reads. */
  readonly #fetched = new Int32Array(1);

  /**
   * @param items number of the model's rows
   * @param reasons number of contributions to name for each score
   * @param places size of the small table, a power of two
   */
  constructor(items: number, reasons: number, places = SHARED_PLACES) {
    const lastBits = Math.min(LAST_BITS, places - 1);
    this.#reasons = reasons;
    this.#places = places;
    this.#own = { sums: new Float64Array(items), bits: -1 };
    // Up to twice the size, a table with a place for each row costs less than scoring rows again.
    this.#shared = items <= 2 * places ? this.#own : { sums: new Float64Array(places), bits: places - 1 };
    this.#excluded = new MarkedRows(items, lastBits);
    this.#chosenBits = new Uint8Array(lastBits + 1);
  }

  /** The n best rows of each query. */
  best(all: readonly Scoring[]): Best[][] {
    for (const { table, items } of all) this.#fetch(table, items);
    return all.map((scoring) => this.#bestOf(scoring));
  }

  /**
   * Prefetch: lists lie far apart in memory, and their reads overlap when nothing waits for one of
   * them. Together they take the time of a few.
   */
  #fetch({ offset, item, score }: NeighbourTable, query: readonly QueryItem[]): void {
    let any = 0;
    for (const { row } of query)
      for (let k = offset[row], end = offset[row + 1]; k < end; k += LINE) any ^= item[k] ^ score[k];
    this.#fetched[0] = any;
  }

  #bestOf(scoring: Scoring): Best[] {
    this.#excluded.mark(scoring.conditions.excluded, 1);
    const best = scoring.items.length === 1 ? this.#bestOfOne(scoring) : this.#bestOfSeveral(scoring);
    this.#excluded.mark(scoring.conditions.excluded, 0);
    return best;
  }

  /** One list is sorted already, except for scores that rounding makes equal. */
  #bestOfOne({ table, items: [from], n, conditions }: Scoring): Best[] {
    const { offset, item, score } = table;
    const { row, weight } = from;
    const why = { largest: { from, value: 1, next: null }, total: 1 };
    const best: Best[] = [];
    let least = Number.MIN_VALUE;
    for (let k = offset[row], end = offset[row + 1]; k < end && weight * score[k] >= least; k++) {
      if (this.#excluded.has(item[k])) continue;
      offer(best, item[k], weight * score[k], n, conditions);
      least = leastOf(best, n);
    }
    for (const one of best) one.why = why;
    return best;
  }

  #bestOfSeveral(scoring: Scoring): Best[] {
    const own = this.#own;
    const isOwn = this.#shared === own || scoring.conditions.groups !== undefined || this.#isCrowded(scoring);
    const best = isOwn ? null : this.#bestOfLikely(scoring);
    return best ?? this.#scored(scoring, own, this.#likely(scoring, own, scoring.n));
  }

  /**
   * True if more than one of the n best rows would probably share its place. The small table would
   * leave such rows undecided, and they would be scored again.
   */
  #isCrowded({ table: { offset }, items: query, n }: Scoring): boolean {
    let neighbours = 0;
    for (let place = 0; place < query.length; place++)
      neighbours += offset[query[place].row + 1] - offset[query[place].row];
    return n * neighbours > this.#places;
  }

  /** The best rows by shared sums. Null if a row that was left out could be better. */
  #bestOfLikely(scoring: Scoring): Best[] | null {
    const { n } = scoring;
    const rows = this.#likely(scoring, this.#shared, n + SPARE);
    if (rows.length < n + SPARE) return this.#scored(scoring, this.#shared, rows);
    const { item, score } = rows[rows.length - 1];
    const best = this.#scored(scoring, this.#shared, rows);
    return best.length === n && !isBehind(best[n - 1], item, score) ? best : null;
  }

  /**
   * The n rows with the largest sums. Of rows that share a place only the first counts. Afterwards
   * the table is empty.
   */
  #likely({ table, items: query, conditions }: Scoring, { sums, bits }: Sums, n: number): Best[] {
    addUp(table, query, sums, bits);
    const excluded = this.#excluded;
    const { offset, item } = table;
    const best: Best[] = [];
    const refused: number[] = [];
    let least = Number.MIN_VALUE;
    for (let place = 0; place < query.length; place++) {
      const { row } = query[place];
      for (let k = offset[row], end = offset[row + 1]; k < end; k++) {
        const sum = sums[item[k] & bits];
        // Each place is taken once: a later neighbour finds 0 here.
        sums[item[k] & bits] = 0;
        if (sum < least) continue;
        if (!excluded.has(item[k]) && offer(best, item[k], sum, n, conditions)) {
          least = leastOf(best, n);
          continue;
        }
        // This row is refused, but another row of the same place may be taken.
        sums[item[k] & bits] = sum;
        refused.push(item[k] & bits);
      }
    }
    for (let k = 0; k < refused.length; k++) sums[refused[k]] = 0;
    return best;
  }

  /**
   * Scores the likely rows exactly, and all rows that share their places. Notes the reasons and
   * keeps the n best.
   */
  #scored(scoring: Scoring, sums: Sums, rows: Best[]): Best[] {
    const likely = rows.length;
    this.#number(rows, sums);
    this.#explain(scoring, sums, rows);
    return this.#bestScored(scoring, sums, rows, likely);
  }

  /** Writes each row's number into its place, from 1 on. */
  #number(rows: readonly Best[], { sums, bits }: Sums): void {
    const chosenBits = this.#chosenBits;
    const lastBits = chosenBits.length - 1;
    for (let k = 0; k < rows.length; k++) {
      sums[rows[k].item & bits] = k + 1;
      chosenBits[rows[k].item & lastBits] = 1;
    }
  }

  /** Adds up the contributions to the numbered rows, and to other rows in their places. */
  #explain({ table, items: query }: Scoring, { sums, bits }: Sums, rows: Best[]): void {
    const reasons = this.#reasons;
    const chosenBits = this.#chosenBits;
    const lastBits = chosenBits.length - 1;
    const { offset, item, score } = table;
    for (let place = 0; place < query.length; place++) {
      const from = query[place];
      for (let k = offset[from.row], end = offset[from.row + 1]; k < end; k++) {
        if (chosenBits[item[k] & lastBits] === 0) continue;
        const number = sums[item[k] & bits];
        if (number === 0) continue;
        addContribution(rowAt(rows, number - 1, item[k]).why, from, from.weight * score[k], reasons);
      }
    }
  }

  /** The n best of the scored rows. Afterwards the table and the chosen bits are empty. */
  #bestScored({ n, conditions }: Scoring, { sums, bits }: Sums, rows: Best[], likely: number): Best[] {
    const excluded = this.#excluded;
    const chosenBits = this.#chosenBits;
    const lastBits = chosenBits.length - 1;
    let kept = 0;
    for (let k = 0; k < rows.length; k++) {
      const one = rows[k];
      sums[one.item & bits] = chosenBits[one.item & lastBits] = 0;
      one.score = millionths(one.why.total / 1e6);
      const isIn =
        k < likely || (!excluded.has(one.item) && (!conditions.admits || conditions.admits(one.item)));
      if (isIn && one.score > 0) putInOrder(rows, kept++, one);
    }
    rows.length = Math.min(kept, n);
    return rows;
  }
}

/**
 * Marks on rows. A small table also marks their last bits: it fits the cache, and answers for most
 * unmarked rows.
 */
class MarkedRows {
  readonly #rows: Uint8Array;
  readonly #bits: Uint8Array;
  readonly #lastBits: number;

  constructor(items: number, lastBits: number) {
    this.#rows = new Uint8Array(items);
    this.#bits = new Uint8Array(lastBits + 1);
    this.#lastBits = lastBits;
  }

  mark(rows: readonly number[], is: 0 | 1): void {
    for (let k = 0; k < rows.length; k++) this.#rows[rows[k]] = this.#bits[rows[k] & this.#lastBits] = is;
  }

  has(row: number): boolean {
    return this.#bits[row & this.#lastBits] !== 0 && this.#rows[row] !== 0;
  }
}

function addUp(
  { offset, item, score }: NeighbourTable,
  query: readonly QueryItem[],
  sums: Float64Array,
  bits: number,
): void {
  for (let place = 0; place < query.length; place++) {
    const { row, weight } = query[place];
    for (let k = offset[row], end = offset[row + 1]; k < end; k++) sums[item[k] & bits] += weight * score[k];
  }
}

/** The row with this number, or another row in the same place. */
function rowAt(rows: Best[], k: number, row: number): Best {
  if (rows[k].item === row) return rows[k];
  const known = rows.find(({ item }) => item === row);
  if (known) return known;
  const other = newRow(row);
  rows.push(other);
  return other;
}
