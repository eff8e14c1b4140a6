"""Co-counts of histories, solved in blocks of candidates: the method `ridge`.

Like EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019), each item with its
candidates only. docs/ARCHITECTURE.md has the formula.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from steamer_spark.kernel import best_of
from steamer_spark.mapped import Mapped
from steamer_spark.order import MOST
from steamer_spark.request import Options
from steamer_spark.sequences import Sequences

# Blocks that are solved together, and the most numbers of their table of places.
BATCH = 64
# What an item takes to solve, as pairs that are added up.
WORK_OF_SOLVING = 1000
PLACES = 2**24


@dataclass(frozen=True)
class Counted(Mapped):
    """Co-counts of some items, one row an item: those that are kept, and those of candidates.

    Rows lie one after the other; `kept` and `chosen` have their lengths, int32. `after` is the part
    of G where the candidate comes after the item.
    """

    kept: np.ndarray
    kept_item: np.ndarray
    kept_value: np.ndarray
    chosen: np.ndarray
    chosen_item: np.ndarray
    chosen_value: np.ndarray
    chosen_after: np.ndarray


@dataclass(frozen=True)
class Blocks(Mapped):
    """What items are solved by, one row an item.

    `count_start`, `count_item` and `count_value` are all co-counts that one of both items keeps, by
    rows. `candidate_start` has the start of each item's candidates; `side` is G(i,j) of each.
    """

    users: np.ndarray
    count_start: np.ndarray
    count_item: np.ndarray
    count_value: np.ndarray
    candidate_start: np.ndarray
    candidate: np.ndarray
    side: np.ndarray


@dataclass(frozen=True)
class Solution(Mapped):
    """What comes of some items j: -P(i,j) of each candidate i, and p, float64; and for each item,
    whether its block is not positive definite, and whether p would not be positive.
    """

    minus: np.ndarray
    precision: np.ndarray
    indefinite: np.ndarray
    floored: np.ndarray


@dataclass(frozen=True)
class Solved(Mapped):
    """The similarities of all items, by rows: the neighbours of each, and their scores, float64."""

    row_start: np.ndarray
    row_item: np.ndarray
    score: np.ndarray

    def work(self) -> np.ndarray:
        """The number of each item's similarities."""
        return np.diff(self.row_start)

    def scores(
        self, start: int, end: int, options: Options
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs of items start .. end-1: row (from 0), neighbour, score."""
        first, last = self.row_start[start], self.row_start[end]
        row = np.repeat(np.arange(end - start), np.diff(self.row_start[start : end + 1]))
        return row, self.row_item[first:last], self.score[first:last]


class InBlocks(Protocol):
    """Runs `find` on blocks of items that share something, and joins what it finds."""

    def __call__(self, shared: Mapped, work: np.ndarray, find: "Find") -> Mapped: ...


@dataclass(frozen=True)
class Find:
    """What is found of a block, and the function that finds it."""

    kind: type[Mapped]
    function: Callable[..., Mapped]
    options: Options

    def __call__(self, shared: Mapped, start: int, end: int) -> Mapped:
        return self.function(shared, start, end, self.options)


def solve(
    sequences: Sequences, share: np.ndarray | float, options: Options, in_blocks: InBlocks
) -> tuple[Solved, dict[str, int]]:
    """The similarities of all items, and the counts of ScenarioMetrics.

    `share` is what reviews leave of each item's similarities as a neighbour.
    """
    users = np.diff(sequences.column_start)
    work = sequences.work()
    if not work.any():
        return Solved(np.zeros(len(users) + 1, np.int64), *np.zeros((2, 0))), {"indefinite": 0, "floored": 0}
    counted = in_blocks(sequences, work, Find(Counted, count_block, options))
    solving = np.full(len(users), WORK_OF_SOLVING)
    solution = in_blocks(blocks_from(counted, users), solving, Find(Solution, solve_block, options))
    counts = {"indefinite": int(solution.indefinite.sum()), "floored": int(solution.floored.sum())}
    return similarities(counted, solution, share, options), counts


def count_block(sequences: Sequences, start: int, end: int, options: Options) -> Counted:
    """Adds up what stands around the items start .. end-1, and chooses what is kept."""
    near, after, n = sequences.sums(start, end, options, (1, 1), (0, 1))
    users = np.diff(sequences.column_start)
    row = np.repeat(np.arange(end - start), np.diff(near.indptr))
    item, value = near.indices, near.data
    own = users[start:end][row].astype(np.float64)
    kept, k, _ = best_of(row, item, value / own, end - start, options.co_counts)
    alike = value / np.sqrt(own) / np.sqrt(users[item]) * sequences.support[n]
    chosen, c, _ = best_of(row, item, alike, end - start, options.candidates)
    return Counted(kept, item[k], value[k], chosen, item[c], value[c], after[c] / value[c])


def blocks_from(counted: Counted, users: np.ndarray) -> Blocks:
    """Lays out the counts of all items."""
    shape = (len(users), len(users))
    counts = sp.csr_matrix((counted.kept_value, counted.kept_item, starts(counted.kept)), shape)
    counts = counts.maximum(counts.T.tocsr()).tocsr()
    counts.sort_indices()
    return Blocks(
        users,
        counts.indptr,
        counts.indices,
        counts.data,
        starts(counted.chosen),
        counted.chosen_item,
        counted.chosen_value,
    )


def solve_block(blocks: Blocks, start: int, end: int, options: Options) -> Solution:
    """Solves the items start .. end-1."""
    size = max(1, min(BATCH, PLACES // max(1, len(blocks.users))))
    parts = [solve_batch(blocks, k, min(k + size, end), options) for k in range(start, end, size)]
    return Solution.joined(parts)


def solve_batch(blocks: Blocks, start: int, end: int, options: Options) -> Solution:
    first, last = blocks.candidate_start[start], blocks.candidate_start[end]
    length = np.diff(blocks.candidate_start[start : end + 1])
    candidate, n = blocks.candidate[first:last], int(length.max(initial=0))
    block = np.repeat(np.arange(end - start), length)
    place = np.arange(last - first) - np.repeat(np.cumsum(length) - length, length)
    regularized = (1 + options.own_share) * blocks.users + options.regularization

    # A block with fewer candidates is filled up with rows of the unit matrix.
    left = np.tile(np.eye(n), (end - start, 1, 1))
    side = np.zeros((end - start, n))
    fill(left, blocks, candidate, block, place)
    left[block, place, place] = regularized[candidate]
    side[block, place] = blocks.side[first:last]
    definite = is_definite(left)
    left[~definite], side_or_none = np.eye(n), np.where(definite[:, None], side, 0)
    weight = np.linalg.solve(left, side_or_none[..., None])[..., 0]
    whole = regularized[start:end]
    rest = whole - (side * weight).sum(axis=1)
    precision = 1 / np.where(rest > 0, rest, whole)
    return Solution((precision[:, None] * weight)[block, place], precision, ~definite, rest <= 0)


def fill(
    left: np.ndarray, blocks: Blocks, candidate: np.ndarray, block: np.ndarray, place: np.ndarray
) -> None:
    """Writes the co-counts of candidates into their blocks."""
    items = len(blocks.users)
    place_of = np.zeros((len(left), items), np.uint8)
    place_of[block, candidate] = place + 1
    length = np.diff(blocks.count_start)[candidate]
    one = np.repeat(np.arange(len(candidate)), length)
    entry = np.arange(len(one)) + np.repeat(
        blocks.count_start[candidate] - (np.cumsum(length) - length), length
    )
    other = place_of.ravel()[block[one] * np.int64(items) + blocks.count_item[entry]]
    there = np.flatnonzero(other)
    one = one[there]
    left[block[one], place[one], other[there] - 1] = blocks.count_value[entry[there]]


def is_definite(left: np.ndarray) -> np.ndarray:
    """Whether each matrix is positive definite."""
    try:
        np.linalg.cholesky(left)
        return np.ones(len(left), bool)
    except np.linalg.LinAlgError:
        if len(left) == 1:
            return np.zeros(1, bool)
        return np.concatenate([is_definite(left[k : k + 1]) for k in range(len(left))])


def similarities(
    counted: Counted, solution: Solution, share: np.ndarray | float, options: Options
) -> Solved:
    """s(i→j) of all pairs of which one is the other's candidate."""
    items = len(counted.chosen)
    j = np.repeat(np.arange(items, dtype=np.int32), counted.chosen)
    i, minus, after = counted.chosen_item, solution.minus, counted.chosen_after
    # Each pair may come from either side: the mean of both.
    row, column = np.concatenate([i, j]), np.concatenate([j, i])
    forth = np.concatenate([1 - after, after])
    key = row.astype(np.int64) * items + column
    _, once, pair, times = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    mean = np.bincount(pair, np.concatenate([minus, minus]), len(once)) / times
    row, column, forth = row[once], column[once], forth[once]
    direction = 2 * (forth + options.backward * (1 - forth)) / (1 + options.backward)
    p, alpha = solution.precision, options.alpha
    score = mean * direction / p[row] ** (1 - alpha) * (share / p**alpha)[column]
    return Solved(starts(np.bincount(row, minlength=items)), column, np.minimum(score, MOST / 1e6))


def starts(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
