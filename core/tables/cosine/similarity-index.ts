import type { Knobs } from "../../../contracts/settings/similarity.ts";
import { squaredNorms, usersPerItem, type Ratings, type Values } from "../../ratings/ratings.ts";
import { floats, integers, labelsOf, orderByPopularity, type Labelled } from "../labels.ts";
import type { Layout } from "../table-maker.ts";

/** The knobs that decide a similarity. */
export type SimilarityOptions = Pick<Knobs, "alpha" | "shrinkage" | "minSupport" | "top">;

/** Ratings laid out for the kernel. Worker threads share all arrays without a copy. */
export interface SimilarityIndex extends SimilarityOptions, Layout, Labelled {
  /**
   * The users' histories, one after the other. The kernel waits for this array most, so it is kept
   * small.
   *
   * - Narrow histories (binary): a history's length, then its labels. Each takes two bytes while
   *   they fit.
   * - Packing (weighted): one word an entry. The low bits are the label. Above it is the value, if
   *   it is a small integer. The sign bit marks the last entry of a history.
   */
  row: Uint16Array | Int32Array;
  /**
   * `row[e] & labelMask` is a label. When packed, `(row[e] & ~LAST) >>> labelBits` is the value.
   */
  labelBits: number;
  labelMask: number;
  /**
   * binary: all values are 1. packed: integers inside `row`. float64: in `rowValue`, beside `row`.
   */
  values: "binary" | "packed" | "float64";
  rowValue?: Float64Array;
  /**
   * For each entry of a column: the start of its user's history in `row`. Beside it its value,
   * unless binary.
   */
  column: Int32Array;
  columnValue?: Uint16Array | Float64Array;
  /**
   * The factors of s(i,j) = dot left[i] right[j] n/(n+L):
   *
   *     left  = 1 / (p_i |i|^2a)
   *     right = 1 / (p_j |j|^(2-2a)), times the item's share
   */
  left: Float64Array;
  right: Float64Array;
  /** The cost of labels 0 .. l-1: the sum of their users' history lengths; items + 1 numbers. */
  work: Float64Array;
}

/** The sign bit of an entry of `row`. It marks the last entry of a history. */
export const LAST = 1 << 31;

export interface IndexSource {
  ratings: Ratings;
  /**
   * Reuse: weighted ratings in shared memory become the index where they stand. Their items turn
   * into labels.
   */
  mayReuse?: boolean;
  /** DIMSUM: each item's probability of keeping an entry, and the squared norms before sampling. */
  sampled?: { probability: Float64Array; squaredNorm: Float64Array };
}

/**
 * Lays ratings out for the kernel. Memory beside the ratings, in bytes an entry:
 *
 *     binary                6, and 8 from 65,536 items on
 *     small integer values  6
 *     other values          20
 *     without `mayReuse`    4 more
 */
export function buildIndex(
  { ratings, sampled, mayReuse = false }: IndexSource,
  options: SimilarityOptions,
): SimilarityIndex {
  const { items, item, value, share } = ratings;
  const { alpha, shrinkage, minSupport, top } = options;
  const users = usersPerItem(ratings);
  const norm = sampled?.squaredNorm ?? (value ? squaredNorms(ratings) : Float64Array.from(users));
  const labelBits = value ? 32 - Math.clz32(Math.max(1, items - 1)) : 31;
  const scale = value ? integerScale(value, norm, Math.min(16, 31 - labelBits)) : 1;
  const index: SimilarityIndex = {
    alpha,
    shrinkage,
    minSupport,
    top,
    items,
    labelBits,
    labelMask: 2 ** labelBits - 1,
    values: !value ? "binary" : scale ? "packed" : "float64",
    item: integers(items),
    row: value ? labelledRows(item, mayReuse) : histories(ratings),
    columnStart: integers(items + 1),
    column: integers(item.length),
    left: floats(items),
    right: floats(items),
    work: floats(items + 1),
  };
  if (index.values === "packed") index.columnValue = new Uint16Array(new SharedArrayBuffer(2 * item.length));
  if (index.values === "float64") index.columnValue = floats(item.length);
  if (index.values === "float64") index.rowValue = floats(item.length);
  orderByPopularity(index, users);
  if (value) fillWeighted(index, ratings, scale);
  else fillBinary(index, ratings);
  for (let label = 0; label < items; label++) index.work[label + 1] += index.work[label];
  for (let label = 0; label < items; label++) {
    const i = index.item[label];
    const kept = (sampled?.probability[i] ?? 1) * (scale || 1);
    index.left[label] = 1 / (kept * norm[i] ** alpha);
    index.right[label] = (share?.[i] ?? 1) / (kept * norm[i] ** (1 - alpha));
  }
  return index;
}

const labelledRows = (item: Int32Array, mayReuse: boolean) =>
  mayReuse && item.buffer instanceof SharedArrayBuffer ? item : integers(item.length);

/** Room for the histories and their lengths. Both fit in two bytes below 65,536 items. */
function histories({ users, items, item }: Ratings): Uint16Array | Int32Array {
  const length = item.length + users;
  return items < 2 ** 16 ? new Uint16Array(new SharedArrayBuffer(2 * length)) : integers(length);
}

/** Labels items by falling number of users, then by number. A column's length is that number. */
/**
 * Scaling to integers: integer sums are exact, and need no second array. The result is a factor
 * that makes all values integers of at most `bits` bits. Their dot products fit in 31 bits, as a
 * dot is at most the larger squared norm. The result is 0 if there is no such factor. Event weights
 * such as .5/2/6 have one.
 */
export function integerScale(value: Values, squaredNorm: Float64Array, bits: number): number {
  const largest = squaredNorm.reduce((a, b) => Math.max(a, b), 0);
  const fits = (v: number) => v < 2 ** bits && Number.isInteger(v);
  for (const scale of [1, 2, 4, 10, 20, 100]) {
    if (largest * scale * scale < 2 ** 31 && value.every((v) => fits(v * scale))) return scale;
  }
  return 0;
}

// Both functions pass over the entries once. Histories keep their order. Columns fill up as in a
// counting sort.

function fillBinary(index: SimilarityIndex, { users, rowStart, item }: Ratings): void {
  const { columnStart, column, row, work } = index;
  const labelOf = labelsOf(index);
  const next = columnStart.slice(0, -1);
  let at = 0;
  for (let u = 0; u < users; u++) {
    const length = rowStart[u + 1] - rowStart[u];
    const start = at;
    row[at++] = length;
    for (let e = rowStart[u]; e < rowStart[u + 1]; e++) {
      const label = labelOf[item[e]];
      column[next[label]++] = start;
      row[at++] = label;
      work[label + 1] += length;
    }
  }
}

function fillWeighted(
  index: SimilarityIndex,
  { users, rowStart, item, value }: Ratings,
  scale: number,
): void {
  const { columnStart, column, columnValue, row, rowValue, labelBits, work } = index;
  const labelOf = labelsOf(index);
  const next = columnStart.slice(0, -1);
  for (let u = 0; u < users; u++) {
    const start = rowStart[u];
    const end = rowStart[u + 1];
    for (let e = start; e < end; e++) {
      const label = labelOf[item[e]];
      const c = next[label]++;
      column[c] = start;
      columnValue![c] = value![e] * (scale || 1);
      row[e] = rowValue ? label : label | (columnValue![c] << labelBits);
      if (rowValue) rowValue[e] = value![e];
      work[label + 1] += end - start;
    }
    if (end > start) row[end - 1] |= LAST;
  }
}
