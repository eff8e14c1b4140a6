"""The neighbours of a block of items: the best of each item's scores are kept."""

import numpy as np

from steamer_spark.matrix import Matrix
from steamer_spark.order import millionths
from steamer_spark.request import Options
from steamer_spark.sequences import Sequences

# Rounding moves a score by up to half a millionth. Scores this close below the K-th best may tie
# with it.
SLACK = 1.1e-6


def block_neighbours(
    matrix: Matrix | Sequences, start: int, end: int, options: Options
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The neighbours of items start .. end-1: three arrays of int64.

    The first has the number of neighbours of each item. The other two have the neighbours and their
    scores in millionths, item by item, best first. Memory: some 50 bytes for each pair of items
    with a user in common.
    """
    row, neighbour, score = matrix.scores(start, end, options)
    chosen = np.flatnonzero(score >= bars(score, np.bincount(row, minlength=end - start), options.top)[row])
    row, neighbour, score = row[chosen], neighbour[chosen], millionths(score[chosen])
    order = np.lexsort((neighbour, -score, row))
    order = order[score[order] > 0]
    found = np.bincount(row[order], minlength=end - start)
    place = np.arange(len(order)) - np.repeat(np.cumsum(found) - found, found)
    order = order[place < options.top]
    return np.minimum(found, options.top), neighbour[order], score[order]


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
