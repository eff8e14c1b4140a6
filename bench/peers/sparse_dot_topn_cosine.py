"""sparse_dot_topn: the product of the unit vectors in float32, keeping the best of each row."""

from contender import main, read_matrix, unit_columns, without_self
from sparse_dot_topn import sp_matmul_topn


def load(folder, vectors, threads):
    return read_matrix(folder, vectors)


def compute(matrix, top, threads):
    unit = unit_columns(matrix)
    return sp_matmul_topn(unit.T.tocsr(), unit, top + 1, n_threads=threads)


if __name__ == "__main__":
    main(load, compute, without_self)
