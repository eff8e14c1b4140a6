import { Problem } from "../../../contracts/problem.ts";
import type { Knobs } from "../../../contracts/settings/similarity.ts";
import type { Ratings } from "../../ratings/ratings.ts";
import { floats, integers, labelsOf } from "../labels.ts";
import type { OrderOptions } from "../order/history-index.ts";
import { layOutHistories, usersOf, type Histories } from "../order/histories.ts";

/** The knobs that decide a similarity. */
export type RidgeOptions = OrderOptions &
  Pick<Knobs, "candidates" | "regularization" | "ownShare" | "coCounts">;

/** Pairs of items, one row a label. */
export interface PairRows {
  /** Where each row begins; items + 1 numbers. A row need not fill its room. */
  start: Int32Array;
  /** The pairs of each row. */
  length: Int32Array;
  /** The other item of each pair, as a label. */
  label: Int32Array;
}

/** Co-counts G(i,j) > 0 of each item i: its largest, by G(i,j)/G(i,i). */
export interface CoCounts extends PairRows {
  value: Float64Array;
  /** The least key (see TopK) that each row keeps; 0 where it keeps all. */
  least: Float64Array;
}

/** Items i that may be neighbours of each item j. */
export interface Candidates extends PairRows {
  /** Of each pair G(i,j); then, once j is solved, -P(i,j). */
  value: Float64Array;
  /** F(j→i) / G(i,j): the part of G where i comes after j. */
  after: Float64Array;
}

/** The items j that have each item i as a candidate. */
export interface Mentions extends PairRows {
  /** Where the pair stands among the candidates. */
  place: Int32Array;
}

/** Histories, and what the phases make of them. All of it is shared memory. */
export interface RidgeLayout extends RidgeOptions, Histories {
  /** The label of each item. */
  labelOf: Int32Array;
  counts: CoCounts;
  chosen: Candidates;
  mentions: Mentions;
  /**
   * The factors of s(i→j), once items are solved:
   *
   *     left  = 1 / p(i)^(1-a)
   *     right = 1 / p(j)^a, times the item's share
   */
  left: Float64Array;
  right: Float64Array;
  /** [blocks that were not positive definite, p that would not have been positive] */
  mended: Int32Array;
}

/**
 * Lays histories out, with room for what the phases find. Memory beside the histories, in bytes an
 * item: 64, and at most 12 for each of `coCounts` and 28 for each of `candidates`. Items with few
 * pairs take less.
 * @throws Problem when there are more pairs than are numbered
 */
export function buildRidgeLayout(ratings: Ratings, options: RidgeOptions): RidgeLayout {
  const histories = layOutHistories(ratings, options);
  const { items, item } = histories;
  const right = floats(items);
  for (let label = 0; label < items; label++) right[label] = ratings.share?.[item[label]] ?? 1;
  const counts = roomFor(histories, options.coCounts);
  const chosen = roomFor(histories, options.candidates);
  const pairs = chosen.label.length;
  return {
    ...options,
    ...histories,
    labelOf: labelsOf(histories),
    counts: { ...counts, value: floats(counts.label.length), least: floats(items) },
    chosen: { ...chosen, value: floats(pairs), after: floats(pairs) },
    mentions: {
      start: integers(items + 1),
      length: integers(items),
      label: integers(pairs),
      place: integers(pairs),
    },
    left: floats(items),
    right,
    mended: integers(2),
  };
}

/** Rows with room for `most` pairs, or for what stands around a label's places. */
function roomFor(histories: Histories, most: number): PairRows {
  const { items, work } = histories;
  const start = integers(items + 1);
  for (let label = 0; label < items; label++) {
    const around = work[label + 1] - work[label] - usersOf(histories, label);
    const end = start[label] + Math.min(most, around);
    if (end > MOST_PAIRS) throw tooMany(items, most);
    start[label + 1] = end;
  }
  return { start, length: integers(items), label: integers(start[items]) };
}

/** Pairs are numbered by 31 bits: ten million items have room for 200 each. */
const MOST_PAIRS = 2 ** 31 - 1;

const tooMany = (items: number, most: number) =>
  new Problem({
    doing: `Making room for ${most} co-counts of each of ${items} items`,
    why: `one machine numbers at most ${MOST_PAIRS} of them`,
    next: "lower coCounts and candidates, or run the night on Google Cloud, where Spark makes the table",
  });
