import { millionths } from "../order.ts";
import type { SimilarityIndex } from "./index.ts";
import { TopK } from "./top-k.ts";

/** The neighbours of every item, best first: `top` places an item, of which `count[i]` are taken. */
export interface Neighbours {
  top: number;
  item: Int32Array;
  /** In millionths. */
  score: Int32Array;
  count: Int32Array;
}

/** Room for the neighbours of `items` items, shared between threads: 8 bytes a neighbour. */
export function allocateNeighbours(items: number, top: number): Neighbours {
  const integers = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));
  return { top, item: integers(items * top), score: integers(items * top), count: integers(items) };
}

/** One thread's working memory: 8 to 20 bytes an item. */
export interface Kernel {
  /** Finds the neighbours of the item with this label and stores them at its place in `into`. */
  neighboursOf(label: number, into: Neighbours): void;
}

/**
 * Row by row (Gustavson): to find one item's neighbours, walk its users' histories and add up, item by item.
 * Only touched accumulators are read and cleared, so an item costs its users' history lengths and no more.
 */
export function createKernel(index: SimilarityIndex): Kernel {
  const { items, shrinkage, minSupport, left, right } = index;
  const touched = new Int32Array(items + 1);
  const counts = new Int32Array(items);
  const weighted = index.rowValue !== undefined;
  const dots = !weighted
    ? counts
    : index.rowValue instanceof Int32Array
      ? new Int32Array(items)
      : new Float64Array(items);
  const best = new TopK(index.top, items);
  // For binary vectors the dot is the count: dot * n/(n+L) is looked up.
  const support = supportTable(index);
  const counted = !weighted || shrinkage > 0 || minSupport > 1;

  function neighboursOf(label: number, into: Neighbours): void {
    const n = counted ? addCounts(index, label, counts, touched) : 0;
    const m = weighted ? addProducts(index, label, dots, touched) : n;
    best.clear();
    let enough = 0;
    const scale = left[label];
    for (let k = 0; k < m; k++) {
      const j = touched[k];
      const dot = dots[j];
      dots[j] = 0;
      let s: number;
      if (weighted) {
        s = dot * right[j];
        if (counted) {
          s *= support[counts[j]] / (counts[j] || 1);
          counts[j] = 0;
        }
      } else s = support[dot] * right[j];
      if (s < enough || j === label) continue;
      const score = millionths(s * scale);
      if (score > 0 && best.add(score, index.item[j])) enough = (best.least - 0.5000011) / 1e6 / scale;
    }
    best.store(index.item[label], into);
  }
  return { neighboursOf };
}

/** n * n/(n+L) for each number n of users in common, 0 below the minimum support. */
function supportTable({ items, columnStart, shrinkage, minSupport }: SimilarityIndex): Float64Array {
  const most = items > 0 ? columnStart[1] : 0;
  const table = new Float64Array(most + 1);
  for (let n = Math.max(1, minSupport); n <= most; n++) table[n] = (n * n) / (n + shrinkage);
  return table;
}

/** Counts the users in common with each item; returns how many items were touched. */
function addCounts(index: SimilarityIndex, label: number, counts: Int32Array, touched: Int32Array): number {
  const { columnStart, column, row } = index;
  const end = columnStart[label + 1];
  let m = 0;
  for (let c = columnStart[label]; c < end; c++) {
    const rowEnd = column[2 * c + 1];
    for (let e = column[2 * c]; e < rowEnd; e++) {
      const j = row[e];
      const n = counts[j];
      // Written always, kept only the first time: cheaper than a branch that the processor cannot guess.
      touched[m] = j;
      m += n === 0 ? 1 : 0;
      counts[j] = n + 1;
    }
  }
  return m;
}

/** Adds up a_ui a_uj over the users u; values are > 0, so an untouched accumulator is 0. */
function addProducts(
  index: SimilarityIndex,
  label: number,
  dots: Int32Array | Float64Array,
  touched: Int32Array,
): number {
  const { columnStart, column, row } = index;
  const columnValue = index.columnValue!;
  const rowValue = index.rowValue!;
  const end = columnStart[label + 1];
  let m = 0;
  for (let c = columnStart[label]; c < end; c++) {
    const rowEnd = column[2 * c + 1];
    const value = columnValue[c];
    for (let e = column[2 * c]; e < rowEnd; e++) {
      const j = row[e];
      const dot = dots[j];
      touched[m] = j;
      m += dot === 0 ? 1 : 0;
      dots[j] = dot + value * rowValue[e];
    }
  }
  return m;
}
