import { Cholesky } from "../../factors/cholesky.ts";
import { usersOf } from "../order/histories.ts";
import type { Phase } from "../table-maker.ts";
import type { RidgeLayout } from "./layout.ts";

/**
 * The third phase: it solves each item j. The item itself is the last row of its block, so that
 * one decomposition U'U gives all: the last column has the right side of U w = y, and the square of
 * the last pivot is 1 / p.
 */
export function solving(layout: RidgeLayout): Phase {
  const { items, alpha, regularization, ownShare, chosen, left, right, mended } = layout;
  const cholesky = new Cholesky(layout.candidates + 2);
  const { matrix, stride } = cholesky;
  const fill = filling(layout, cholesky);
  const w = new Float64Array(layout.candidates);
  const regularized = (label: number) => (1 + ownShare) * usersOf(layout, label) + regularization;

  function run(label: number): void {
    const start = chosen.start[label];
    const n = chosen.length[label];
    fill(label, regularized);
    const solved = cholesky.decompose(n + 1);
    let p = 1 / regularized(label);
    if (solved < n) {
      Atomics.add(mended, 0, 1);
      w.fill(0);
    } else {
      for (let k = 0; k < n; k++) w[k] = matrix[k * stride + n];
      cholesky.backward(n, w);
      if (solved === n) Atomics.add(mended, 1, 1);
      else p = 1 / matrix[n * stride + n] ** 2;
    }
    for (let k = 0; k < n; k++) chosen.value[start + k] = p * w[k];
    left[label] = 1 / p ** (1 - alpha);
    right[label] /= p ** alpha;
  }
  return { places: items, run };
}

/**
 * Writes the block of an item: its candidates, then the item. What is no candidate goes to the last
 * column, which no block has.
 */
function filling({ items, counts, chosen }: RidgeLayout, { matrix, stride }: Cholesky) {
  const none = stride - 1;
  const columnOf = new Uint8Array(items).fill(none);
  const { start: rowStart, length: rowLength, label: rowLabel, value: rowValue } = counts;

  return (label: number, diagonal: (label: number) => number) => {
    const start = chosen.start[label];
    const n = chosen.length[label];
    matrix.fill(0, 0, (n + 4) * stride);
    for (let a = 0; a < n; a++) columnOf[chosen.label[start + a]] = a;
    for (let a = 0; a < n; a++) {
      const other = chosen.label[start + a];
      const row = a * stride;
      const end = rowStart[other] + rowLength[other];
      for (let e = rowStart[other]; e < end; e++) matrix[row + columnOf[rowLabel[e]]] = rowValue[e];
      matrix[row + a] = diagonal(other);
      matrix[row + n] = chosen.value[start + a];
      // One of both has their co-count: see thin.ts.
      for (let b = 0, up = a; b < a; b++, up += stride) matrix[up] += matrix[row + b];
    }
    matrix[n * stride + n] = diagonal(label);
    for (let a = 0; a < n; a++) columnOf[chosen.label[start + a]] = none;
  };
}
