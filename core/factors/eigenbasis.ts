import { EigenvalueDecomposition, Matrix } from "ml-matrix";

/** An orthonormal basis in which a matrix is diagonal. */
export interface Eigenbasis {
  /** One number for each column; none is negative. */
  values: Float64Array;
  /** Row-major: column k is the k-th vector. */
  vectors: Float64Array;
}

/**
 * The eigenvectors of a Gram matrix, stride x stride, of which only the upper triangle is read.
 * Columns from `factors` on are unused; they stay where they are.
 */
export function eigenbasis(gram: Float64Array, factors: number, stride: number): Eigenbasis {
  const matrix = Matrix.zeros(factors, factors);
  for (let i = 0; i < factors; i++) {
    for (let j = i; j < factors; j++) {
      matrix.set(i, j, gram[i * stride + j]);
      matrix.set(j, i, gram[i * stride + j]);
    }
  }
  const found = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const values = new Float64Array(stride);
  const vectors = new Float64Array(stride * stride);
  for (let k = 0; k < stride; k++) {
    if (k >= factors) vectors[k * stride + k] = 1;
    else values[k] = Math.max(0, found.realEigenvalues[k]);
  }
  for (let i = 0; i < factors; i++)
    for (let k = 0; k < factors; k++) vectors[i * stride + k] = found.eigenvectorMatrix.get(i, k);
  return { values, vectors };
}
