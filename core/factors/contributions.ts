import { CholeskyDecomposition, Matrix } from "ml-matrix";

/** The normal equations of one user: A x = sum over j of c_j y_j. */
export interface NormalEquations {
  /** The part of A that is the same for all items of the history: a diagonal. */
  diagonal: ArrayLike<number>;
  /** The weights v_j of the history, and its items' factors y_j. */
  history: readonly { weight: number; vector: ArrayLike<number> }[];
  unobserved: number;
}

/**
 * What each item j of a history contributes to the score of an item i:
 *
 *     y_i' A^-1 y_j c_j        (Hu, Koren and Volinsky 2008, section 5)
 *
 * The contributions of all j add up to the score that folding in gives.
 * @returns a list for each of `vectors`, in the order of the history
 */
export function contributions(
  { diagonal, history, unobserved }: NormalEquations,
  vectors: readonly ArrayLike<number>[],
): Float64Array[] {
  const factors = diagonal.length;
  const left = Array.from({ length: factors }, () => new Float64Array(factors));
  for (let a = 0; a < factors; a++) left[a][a] = diagonal[a];
  for (const { weight, vector } of history) addOuter(left, vector, weight);
  const trace = left.reduce((sum, row, a) => sum + row[a], 0);
  for (let a = 0; a < factors; a++) {
    // However small lambda is, no pivot is then lost to rounding.
    left[a][a] += 1e-12 * trace;
    for (let b = 0; b < a; b++) left[b][a] = left[a][b];
  }
  const right = Matrix.zeros(factors, vectors.length);
  vectors.forEach((vector, i) => {
    for (let a = 0; a < factors; a++) right.set(a, i, vector[a]);
  });
  const solved = new CholeskyDecomposition(Matrix.checkMatrix(left)).solve(right).transpose().to2DArray();
  return solved.map((z) =>
    Float64Array.from(history, ({ weight, vector }) => (unobserved + weight) * dot(z, vector)),
  );
}

/** Adds weight y y' to a matrix's lower triangle. */
function addOuter(matrix: Float64Array[], y: ArrayLike<number>, weight: number): void {
  for (let a = 0; a < y.length; a++) {
    const row = matrix[a];
    const part = weight * y[a];
    for (let b = 0; b <= a; b++) row[b] += part * y[b];
  }
}

function dot(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * y[k];
  return sum;
}
