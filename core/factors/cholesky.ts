/**
 * Cholesky's decomposition of a symmetric, positive definite matrix, in place: A = L L'. Of the
 * row-major square only the lower triangle is read and written.
 */
export function decompose(matrix: Float64Array, size: number): void {
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = matrix[a * size + b];
      for (let k = 0; k < b; k++) sum -= matrix[a * size + k] * matrix[b * size + k];
      matrix[a * size + b] = a === b ? Math.sqrt(sum) : sum / matrix[b * size + b];
    }
  }
}

/** Solves L L' x = y in place of y. */
export function solveDecomposed(lower: Float64Array, size: number, y: Float64Array): Float64Array {
  for (let a = 0; a < size; a++) {
    let sum = y[a];
    for (let k = 0; k < a; k++) sum -= lower[a * size + k] * y[k];
    y[a] = sum / lower[a * size + a];
  }
  for (let a = size - 1; a >= 0; a--) {
    y[a] /= lower[a * size + a];
    for (let k = 0; k < a; k++) y[k] -= lower[a * size + k] * y[a];
  }
  return y;
}
