import type { Cholesky } from "./cholesky.ts";

/** The normal equations of one user: A x = sum over j of c_j y_j. */
export interface NormalEquations {
  /** The part of A that is the same for all items of the history: a diagonal. */
  diagonal: Float64Array;
  /** The weights v_j of the history, and its items' factors y_j. */
  history: readonly { weight: number; vector: Float32Array }[];
  unobserved: number;
}

/**
 * What each item j of a history contributes to the score of an item i:
 *
 *     y_i' A^-1 y_j c_j        (Hu, Koren and Volinsky 2008, section 5)
 *
 * The contributions of all j add up to the score that folding in gives.
 * @param cholesky has room for A
 * @returns a list for each of `vectors`, in the order of the history
 */
export function contributions(
  equations: NormalEquations,
  vectors: readonly Float32Array[],
  cholesky: Cholesky,
): Float64Array[] {
  const { diagonal, history, unobserved } = equations;
  const size = diagonal.length;
  writeLeftSide(equations, cholesky);
  cholesky.decompose(size);
  return vectors.map((vector) => {
    const z = cholesky.backward(size, cholesky.forward(size, Float64Array.from(vector)));
    return Float64Array.from(history, ({ weight, vector }) => (unobserved + weight) * dot(z, vector));
  });
}

/** Writes the upper triangle of A. */
function writeLeftSide({ diagonal, history }: NormalEquations, { matrix, stride }: Cholesky): void {
  const size = diagonal.length;
  matrix.fill(0);
  for (const { weight, vector } of history) {
    for (let a = 0; a < size; a++) {
      const part = weight * vector[a];
      for (let b = a; b < size; b++) matrix[a * stride + b] += part * vector[b];
    }
  }
  let trace = 0;
  for (let a = 0; a < size; a++) trace += matrix[a * stride + a] += diagonal[a];
  // However small lambda is, no pivot is then lost to rounding.
  for (let a = 0; a < size; a++) matrix[a * stride + a] += 1e-12 * trace;
}

function dot(x: Float64Array, y: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * y[k];
  return sum;
}
