"""The neighbours of a block of items.

The block's columns, transposed, times the matrix give the scores. The best of each row are kept.
"""

import numpy as np

from steamer_spark.matrix import Matrix
from steamer_spark.order import MOST, millionths
from steamer_spark.request import Options

# Rounding moves a score by up to half a millionth. Scores this close below the K-th best may tie
# with it.
SLACK = 1.1e-6


def block_neighbours(
    matrix: Matrix, start: int, end: int, options: Options
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The neighbours of items start .. end-1: three arrays of int64.

    The first has the number of neighbours of each item. The other two have the neighbours and their
    scores in millionths, item by item, best first. Memory: some 50 bytes for each pair of items
    with a user in common.
    """
    row, neighbour, score = scores(matrix, start, end, options)
    chosen = np.flatnonzero(score >= bars(score, np.bincount(row, minlength=end - start), options.top)[row])
    row, neighbour, score = row[chosen], neighbour[chosen], millionths(score[chosen])
    order = np.lexsort((neighbour, -score, row))
    order = order[score[order] > 0]
    found = np.bincount(row[order], minlength=end - start)
    place = np.arange(len(order)) - np.repeat(np.cumsum(found) - found, found)
    order = order[place < options.top]
    return np.minimum(found, options.top), neighbour[order], score[order]


def scores(
    matrix: Matrix, start: int, end: int, options: Options
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of items with a user in common, row by row: row (from 0), neighbour, score.

    An item's score with itself is 0.
    """
    weighted = matrix.row_value is not None
    value, column_value = (matrix.row_value, matrix.column_value) if weighted else (matrix.one, matrix.one)
    dot = matrix.by_item(column_value, start, end) @ matrix.by_user(value)
    row = np.repeat(np.arange(end - start, dtype=np.int32), np.diff(dot.indptr))
    score = dot.data * matrix.right[dot.indices]
    if not weighted:
        score *= matrix.support[dot.data]
    elif options.shrinkage > 0 or options.min_support > 1:
        # Both products have the same sparsity pattern, hence the same order of pairs.
        score *= matrix.support[(matrix.by_item(matrix.one, start, end) @ matrix.by_user(matrix.one)).data]
    score *= matrix.left[start:end][row]
    score[dot.indices == row + start] = 0
    return row, dot.indices, np.minimum(score, MOST / 1e6, out=score)


def bars(score: np.ndarray, length: np.ndarray, top: int) -> np.ndarray:
    """The bar of each row: no lower score can be among the `top` best.

    Rows lie one after the other in `score`; `length` has their lengths.
    """
    bar = np.zeros(len(length))
    end = np.cumsum(length)
    for row in np.flatnonzero(length > top):
        part = score[end[row] - length[row] : end[row]]
        bar[row] = max(0, np.partition(part, -top)[-top] - SLACK)
    return bar
