import { Arena, lines } from "./arena.ts";
import { createKernels, type Kernels } from "./kernels.ts";

/** Cholesky's decomposition of symmetric, positive definite matrices: A = U'U. */
export class Cholesky {
  /** The length of a row, a multiple of 4: at least the `size` of the constructor. */
  readonly stride: number;
  /**
   * The matrix by rows, in float64, and U after `decompose`. Only the upper triangle is meant.
   * Cells beyond the matrix must be numbers.
   */
  readonly matrix: Float64Array;
  readonly #kernels: Kernels;
  readonly #offset: number;

  /** @param size rows of the largest matrix: the memory takes 8 bytes for each of its cells. */
  constructor(size: number) {
    this.stride = (size + 3) & ~3;
    const cells = this.stride ** 2;
    const arena = new Arena(lines(8 * cells));
    this.#kernels = createKernels(arena.memory);
    this.#offset = arena.allocate(8 * cells);
    this.matrix = new Float64Array(arena.memory.buffer, this.#offset, cells);
  }

  /**
   * Decomposes the matrix of the first `size` rows and columns, in place.
   * @returns the first row whose pivot is not positive; the rows before it are decomposed. `size`:
   * there is none
   */
  decompose(size: number): number {
    return this.#kernels.decompose(this.#offset, size, this.stride);
  }

  /** Solves U' x = y in place of y, for the first `size` rows. */
  forward(size: number, y: Float64Array): Float64Array {
    const { matrix, stride } = this;
    for (let k = 0; k < size; k++) {
      const row = k * stride;
      const x = (y[k] /= matrix[row + k]);
      for (let c = k + 1; c < size; c++) y[c] -= matrix[row + c] * x;
    }
    return y;
  }

  /** Solves U x = y in place of y, for the first `size` rows. */
  backward(size: number, y: Float64Array): Float64Array {
    const { matrix, stride } = this;
    for (let k = size - 1; k >= 0; k--) {
      const row = k * stride;
      let sum = y[k];
      for (let c = k + 1; c < size; c++) sum -= matrix[row + c] * y[c];
      y[k] = sum / matrix[row + k];
    }
    return y;
  }
}
