import { LAST, type SimilarityIndex } from "./similarity-index.ts";

// Gathering without a branch. All four loops have the same shape. They walk the histories of an
// item's users and add up for every item there, the item itself included. Each item must enter the
// list `touched` once. The processor would often mispredict a branch for that. So a loop always
// writes the item at `touched[m]`, and raises `m` only the first time. The first time, the
// accumulator is 0. As an integer, 0 - 1 has its sign bit set. The result is the number of touched
// items.

/** Binary: counts the users in common with each item. */
export function countUsers(
  index: SimilarityIndex,
  label: number,
  counts: Int32Array,
  touched: Int32Array,
): number {
  const { columnStart, column, row } = index;
  const end = columnStart[label + 1];
  let m = 0;
  for (let c = columnStart[label]; c < end; c++) {
    const start = column[c];
    const last = start + row[start];
    for (let e = start + 1; e <= last; e++) {
      const j = row[e];
      const n = counts[j];
      touched[m] = j;
      m += (n - 1) >>> 31;
      counts[j] = n + 1;
    }
  }
  return m;
}

/** Weighted: counts the users in common, beside the dot products. */
export function countRaters(
  index: SimilarityIndex,
  label: number,
  counts: Int32Array,
  touched: Int32Array,
): number {
  const { columnStart, column, row, labelMask } = index;
  const end = columnStart[label + 1];
  let m = 0;
  for (let c = columnStart[label]; c < end; c++) {
    for (let e = column[c], x = 0; x >= 0; e++) {
      x = row[e];
      const j = x & labelMask;
      const n = counts[j];
      touched[m] = j;
      m += (n - 1) >>> 31;
      counts[j] = n + 1;
    }
  }
  return m;
}

/** Packed: adds up a_ui a_uj over the users u, where values are integers inside the rows. */
export function addPacked(
  index: SimilarityIndex,
  label: number,
  dots: Int32Array,
  touched: Int32Array,
): number {
  const { columnStart, column, row, labelMask, labelBits } = index;
  const columnValue = index.columnValue as Uint16Array;
  const end = columnStart[label + 1];
  let m = 0;
  for (let c = columnStart[label]; c < end; c++) {
    const value = columnValue[c];
    for (let e = column[c], x = 0; x >= 0; e++) {
      x = row[e];
      const j = x & labelMask;
      const dot = dots[j];
      touched[m] = j;
      m += (dot - 1) >>> 31;
      dots[j] = dot + Math.imul(value, (x & ~LAST) >>> labelBits);
    }
  }
  return m;
}

/** Float64: adds up a_ui a_uj for weights that no factor makes whole. */
export function addFloats(
  index: SimilarityIndex,
  label: number,
  dots: Float64Array,
  touched: Int32Array,
): number {
  const { columnStart, column, row, labelMask } = index;
  const columnValue = index.columnValue as Float64Array;
  const rowValue = index.rowValue!;
  const end = columnStart[label + 1];
  let m = 0;
  for (let c = columnStart[label]; c < end; c++) {
    const value = columnValue[c];
    for (let e = column[c], x = 0; x >= 0; e++) {
      x = row[e];
      const j = x & labelMask;
      const dot = dots[j];
      touched[m] = j;
      m += dot === 0 ? 1 : 0;
      dots[j] = dot + value * rowValue[e];
    }
  }
  return m;
}
