import { Cholesky } from "../../factors/cholesky.ts";
import { usersOf } from "../order/histories.ts";
import type { Phase } from "../table-maker.ts";
import type { RidgeLayout } from "./layout.ts";

/**
 * The second phase: it solves each item j. The item itself is the last row of its block, so that
 * one decomposition U'U gives all: the last column has the right side of U w = y, and the square of
 * the last pivot is 1 / p.
 */
export function solving(layout: RidgeLayout): Phase {
  const { items, alpha, regularization, ownShare, chosen, left, right, mended } = layout;
  const cholesky = new Cholesky(layout.candidates + 1);
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

/** Writes the block of an item: its candidates, then the item. */
function filling({ items, counts, chosen }: RidgeLayout, { matrix, stride }: Cholesky) {
  // Of a candidate its row in the block + 1. What is none goes to the cell before the row.
  const placeOf = new Uint8Array(items);
  const line = new Float64Array(stride + 1);

  return (label: number, diagonal: (label: number) => number) => {
    const start = chosen.start[label];
    const n = chosen.length[label];
    matrix.fill(0, 0, (n + 4) * stride);
    for (let a = 0; a < n; a++) placeOf[chosen.label[start + a]] = a + 1;
    for (let a = 0; a < n; a++) {
      const other = chosen.label[start + a];
      const first = counts.start[other];
      const end = first + counts.length[other];
      line.fill(0);
      for (let e = first; e < end; e++) line[placeOf[counts.label[e]]] = counts.value[e];
      // A co-count that only one of both keeps counts, too.
      for (let b = 0; b < a; b++) matrix[b * stride + a] = Math.max(matrix[b * stride + a], line[b + 1]);
      for (let b = a + 1; b < n; b++) matrix[a * stride + b] = line[b + 1];
      matrix[a * stride + a] = diagonal(other);
      matrix[a * stride + n] = chosen.value[start + a];
    }
    matrix[n * stride + n] = diagonal(label);
    for (let a = 0; a < n; a++) placeOf[chosen.label[start + a]] = 0;
  };
}
