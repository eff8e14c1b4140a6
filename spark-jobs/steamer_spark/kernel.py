"""The neighbours of a block of items: the best of each item's scores are kept."""

from typing import Protocol

import numpy as np

from steamer_spark.order import millionths
from steamer_spark.request import Options

# Rounding moves a score by up to half a millionth. Scores this close below the K-th best may tie
# with it.
SLACK = 1.1e-6


class Similarities(Protocol):
    """What the neighbours of a table are found in."""

    def work(self) -> np.ndarray:
        """The cost of each item: int64."""

    def scores(
        self, start: int, end: int, options: Options
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs of items start .. end-1, row by row: row (from 0), neighbour, score."""


def block_neighbours(
    matrix: Similarities, start: int, end: int, options: Options
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The neighbours of items start .. end-1: three arrays of int64.

    The first has the number of neighbours of each item. The other two have the neighbours and their
    scores in millionths, item by item, best first. Memory: some 50 bytes for each pair of items
    with a user in common.
    """
    row, neighbour, score = matrix.scores(start, end, options)
    found, chosen, score = best_of(row, neighbour, score, end - start, options.top)
    return found, neighbour[chosen], score


def best_of(
    row: np.ndarray, neighbour: np.ndarray, score: np.ndarray, rows: int, top: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The best of each row: how many it has, their places, and their scores in millionths.

    Rows lie one after the other. Only scores above 0 count; ties go to the smaller neighbour.
    """
    chosen = np.flatnonzero(score >= bars(score, np.bincount(row, minlength=rows), top)[row])
    row, neighbour, score = row[chosen], neighbour[chosen], millionths(score[chosen])
    order = np.lexsort((neighbour, -score, row))
    order = order[score[order] > 0]
    found = np.bincount(row[order], minlength=rows)
    place = np.arange(len(order)) - np.repeat(np.cumsum(found) - found, found)
    order = order[place < top]
    return np.minimum(found, top), chosen[order], score[order]


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
