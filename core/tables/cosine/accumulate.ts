import { LAST, type SimilarityIndex } from "./similarity-index.ts";

// Loops of one shape: through the history of each of an item's users, adding up for every item there, the item itself
// too. Each notes what it touches without a branch, which the processor could not guess: written always, kept only the
// first time, when the accumulator is 0 and so 0 - 1 has its sign bit set. They return how many items were touched.

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

/** Weighted: the same, beside the dots. */
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

/** Adds up a_ui a_uj over the users u, where values are integers inside the rows. */
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

/** The same in float64, for weights that no factor makes whole. */
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
