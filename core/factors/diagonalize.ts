import { Arena, lines } from "./arena.ts";
import { eigenbasis } from "./eigenbasis.ts";
import type { FactorRows } from "./factor-rows.ts";
import { createKernels, strideOf } from "./kernels.ts";

/** Rows that are worked on at a time. */
const ROWS = 4096;

/**
 * Turns rows, in place, into the basis in which the items' Gram matrix is diagonal. Predictions
 * stay the same if users and items are turned. Factors from Spark come in any basis.
 * @param items the factors that decide the basis; they are not turned by this call.
 */
export function turnInto(items: FactorRows): (rows: FactorRows) => void {
  const { factors } = items;
  const stride = strideOf(factors);
  const square = 4 * stride * stride;
  const arena = new Arena(lines(4 * ROWS * stride) + 2 * lines(square) + lines(16 * stride));
  const { gram, rotate } = createKernels(arena.memory);
  const some = arena.float32(ROWS * stride);
  const part = arena.float32(stride * stride);
  const rotation = arena.float32(stride * stride);
  const scratch = arena.allocate(16 * stride);

  /** Calls `work` for all rows, a piece at a time; what it leaves there is stored with `keep`. */
  function eachPiece({ rows, values }: FactorRows, work: (count: number) => void, keep: boolean): void {
    for (let from = 0; from < rows; from += ROWS) {
      const count = Math.min(ROWS, rows - from);
      for (let r = 0; r < count; r++)
        some.values.set(values.subarray((from + r) * factors, (from + r + 1) * factors), r * stride);
      work(count);
      if (!keep) continue;
      for (let r = 0; r < count; r++)
        values.set(some.values.subarray(r * stride, r * stride + factors), (from + r) * factors);
    }
  }

  const sum = new Float64Array(stride * stride);
  eachPiece(
    items,
    (count) => {
      gram(some.offset, 0, count, stride, part.offset);
      for (let k = 0; k < sum.length; k++) sum[k] += part.values[k];
    },
    false,
  );
  rotation.values.set(eigenbasis(sum, factors, stride).vectors);
  return (rows) =>
    eachPiece(rows, (count) => rotate(some.offset, 0, count, stride, rotation.offset, scratch), true);
}
