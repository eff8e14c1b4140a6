import type { Settings } from "../../contracts/settings.ts";
import { squaredNorms, type Ratings } from "./ratings.ts";

/** What decides a similarity, apart from the data. */
export type SimilarityOptions = Pick<Settings, "alpha" | "shrinkage" | "minSupport" | "top">;

/**
 * Ratings laid out for the kernel. Items carry labels by falling popularity: the counters of popular items, which
 * are touched most, then share cache lines. All arrays are shared with the worker threads without a copy.
 */
export interface SimilarityIndex extends SimilarityOptions {
  items: number;
  /** Where each label's column starts; items + 1 numbers. */
  columnStart: Int32Array;
  /** For each entry of a column: where its user's row starts and ends. */
  column: Int32Array;
  /** The labels in each user's row. */
  row: Int32Array;
  /** Values beside `column` and `row`; absent when binary. Int32Array when `integerScale` found exact integers. */
  columnValue?: Int32Array | Float64Array;
  rowValue?: Int32Array | Float64Array;
  /** s(i,j) = dot left[i] right[j] n/(n+L): left = 1 / (p_i |i|^2a), right = 1 / (p_j |j|^(2-2a)). */
  left: Float64Array;
  right: Float64Array;
  /** The item of each label. */
  item: Int32Array;
  /** The cost of labels 0 .. l-1: the sum of their users' history lengths; items + 1 numbers. */
  work: Float64Array;
}

export interface IndexSource {
  ratings: Ratings;
  /** DIMSUM: the probability with which each item's entries were kept, and the norms before that. */
  sampled?: { probability: Float64Array; squaredNorm: Float64Array };
}

/** Lays ratings out for the kernel: 12 bytes an entry when binary, 20 (integers) or 28 when weighted. */
export function buildIndex({ ratings, sampled }: IndexSource, options: SimilarityOptions): SimilarityIndex {
  const { items, item, value } = ratings;
  const { alpha, shrinkage, minSupport, top } = options;
  const norm = sampled?.squaredNorm ?? squaredNorms(ratings);
  const scale = value ? integerScale(value, norm) : 1;
  const byLabel = popularityOrder(ratings);
  const index: SimilarityIndex = {
    ...{ alpha, shrinkage, minSupport, top, items },
    columnStart: integers(items + 1),
    column: integers(item.length * 2),
    row: integers(item.length),
    left: floats(items),
    right: floats(items),
    item: byLabel,
    work: floats(items + 1),
  };
  if (value) {
    index.columnValue = (scale ? integers : floats)(item.length);
    index.rowValue = (scale ? integers : floats)(item.length);
  }
  fillColumns(index, ratings, scale || 1);
  fillRows(index, ratings.rowStart);
  for (let label = 0; label < items; label++) {
    const i = byLabel[label];
    const kept = (sampled?.probability[i] ?? 1) * (scale || 1);
    index.left[label] = 1 / (kept * norm[i] ** alpha);
    index.right[label] = 1 / (kept * norm[i] ** (1 - alpha));
  }
  return index;
}

const integers = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
const floats = (length: number) => new Float64Array(new SharedArrayBuffer(8 * length));

/** Items by falling number of users, then by number. */
function popularityOrder({ items, item }: Ratings): Int32Array {
  const users = new Int32Array(items);
  for (let e = 0; e < item.length; e++) users[item[e]]++;
  const keys = new Float64Array(items);
  const most = users.reduce((a, b) => Math.max(a, b), 0);
  for (let i = 0; i < items; i++) keys[i] = (most - users[i]) * items + i;
  keys.sort();
  const order = integers(items);
  for (let label = 0; label < items; label++) order[label] = keys[label] % items;
  return order;
}

/**
 * A factor that makes all values integers whose dot products fit in 31 bits (a dot is at most the larger squared
 * norm), or 0. Integer sums are exact and twice as fast; event weights such as .5/2/6 always qualify.
 */
export function integerScale(value: Float64Array, squaredNorm: Float64Array): number {
  const largest = squaredNorm.reduce((a, b) => Math.max(a, b), 0);
  for (const scale of [1, 2, 4, 10, 20, 100]) {
    if (largest * scale * scale < 2 ** 31 && value.every((v) => Number.isInteger(v * scale))) return scale;
  }
  return 0;
}

/** Columns hold, for now, the user of each entry (in the place of the row's start). */
function fillColumns(index: SimilarityIndex, ratings: Ratings, scale: number): void {
  const { items, columnStart, column, columnValue } = index;
  const { users, rowStart, item, value } = ratings;
  const labelOf = new Int32Array(items);
  for (let label = 0; label < items; label++) labelOf[index.item[label]] = label;
  for (let e = 0; e < item.length; e++) columnStart[labelOf[item[e]] + 1]++;
  for (let label = 0; label < items; label++) columnStart[label + 1] += columnStart[label];
  const next = columnStart.slice(0, items);
  for (let u = 0; u < users; u++) {
    for (let e = rowStart[u]; e < rowStart[u + 1]; e++) {
      const c = next[labelOf[item[e]]]++;
      column[2 * c] = u;
      if (columnValue) columnValue[c] = value![e] * scale;
    }
  }
}

/** Walks the columns in the order of labels, so that rows come out sorted by label. */
function fillRows(index: SimilarityIndex, rowStart: Int32Array): void {
  const { items, columnStart, column, columnValue, row, rowValue, work } = index;
  const next = rowStart.slice(0, -1);
  for (let label = 0; label < items; label++) {
    let cost = 0;
    for (let c = columnStart[label]; c < columnStart[label + 1]; c++) {
      const u = column[2 * c];
      const e = next[u]++;
      row[e] = label;
      if (rowValue) rowValue[e] = columnValue![c];
      column[2 * c] = rowStart[u];
      column[2 * c + 1] = rowStart[u + 1];
      cost += rowStart[u + 1] - rowStart[u];
    }
    work[label + 1] = work[label] + cost;
  }
}
