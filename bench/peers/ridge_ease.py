"""EASE (Steck 2019) in numpy: the inverse of the whole Gram matrix, in float32.

Of more than MOST_ITEMS items those with the most users: a cell takes 8 bytes.
"""

import numpy as np
from ridge_data import main
from scipy.linalg import lapack

REGULARIZATION = 250
MOST_ITEMS = 12_000


def compute(matrix, threads):
    popular = np.argsort(-np.bincount(matrix.indices, minlength=matrix.shape[1]), kind="stable")[:MOST_ITEMS]
    matrix = matrix[:, popular]
    gram = (matrix.T @ matrix).toarray()
    gram[np.diag_indices_from(gram)] += REGULARIZATION
    factor, _ = lapack.spotrf(gram, overwrite_a=True)
    inverse, _ = lapack.spotri(factor, overwrite_c=True)
    inverse = np.triu(inverse)
    inverse += np.triu(inverse, 1).T
    inverse /= -np.diag(inverse).copy()
    np.fill_diagonal(inverse, 0)
    return popular, inverse


def score(model):
    popular, weights = model

    def scores(rows):
        found = np.zeros(rows.shape, np.float32)
        found[:, popular] = rows[:, popular] @ weights
        return found

    return scores


if __name__ == "__main__":
    main(compute, score)
