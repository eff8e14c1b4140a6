"""Histories in the order of time, and what stands near what in them: the method `order`."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from steamer_spark.histories import Histories
from steamer_spark.mapped import Mapped
from steamer_spark.matrix import support
from steamer_spark.order import MOST
from steamer_spark.request import Options


@dataclass(frozen=True)
class Sequences(Mapped):
    """Users' histories, oldest item first, int32, and where each item stands in them.

    `row_item` has the histories, one after the other. `column_start` has the start of each item's
    entries in `place`, where in `row_item` they stand, `before` and `after`, how many items the
    window reaches to either side. The factors of s(i,j) = (F(i→j) + b F(j→i)) left[i] right[j]
    support[n]:

        left    = 2 / ((1+b) users(i)^a)
        right   = 1 / users(j)^(1-a), times the item's share
        support = n/(n+L)
    """

    row_item: np.ndarray
    column_start: np.ndarray
    place: np.ndarray
    before: np.ndarray
    after: np.ndarray
    left: np.ndarray
    right: np.ndarray
    support: np.ndarray

    @property
    def items(self) -> int:
        return len(self.left)

    def work(self) -> np.ndarray:
        """The cost of each item: the pairs that are added up. int64."""
        total = np.concatenate([[0], np.cumsum(self.before + self.after, dtype=np.int64)])
        return np.diff(total[self.column_start])

    def scores(
        self, start: int, end: int, options: Options
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs of items near each other in a history, of items start .. end-1: row (from 0),
        neighbour, score.
        """
        near, n = self.sums(start, end, options, (options.backward, 1))
        row = np.repeat(np.arange(end - start, dtype=np.int32), np.diff(near.indptr))
        score = near.data * self.right[near.indices] * self.support[n] * self.left[start:end][row]
        return row, near.indices, np.minimum(score, MOST / 1e6, out=score)

    def sums(
        self, start: int, end: int, options: Options, *sides: tuple[float, float]
    ) -> tuple[sp.csr_matrix, ...]:
        """The sums of what stands around the items start .. end-1, and the users of each pair.

        A sum for each of `sides`: how much counts what stands before the item, and what after it.
        The first is a matrix, items x neighbours. Of the others it has the places; they are arrays.
        """
        first, last = self.column_start[start], self.column_start[end]
        place, before = self.place[first:last], self.before[first:last]
        length = before + self.after[first:last]
        entry = np.repeat(np.arange(last - first), length)
        distance = np.arange(len(entry)) - np.repeat(np.cumsum(length) - length, length) - before[entry]
        # An item is not its own neighbour.
        distance += distance >= 0
        item = np.repeat(np.arange(end - start), np.diff(self.column_start[start : end + 1]))[entry]
        pairs = (item, self.row_item[place[entry] + distance])
        weight = 1 / (1 + options.distance_decay * np.abs(distance))
        shape = (end - start, self.items)
        values = [weight * np.where(distance > 0, after, before) for before, after in sides]
        # All have the same sparsity pattern, hence the same order of pairs.
        found = [sp.coo_matrix((value, pairs), shape).tocsr() for value in values]
        users = sp.coo_matrix((np.ones(len(entry), np.int32), pairs), shape).tocsr()
        return found[0], *(other.data for other in found[1:]), users.data

def build_sequences(
    histories: Histories, options: Options, share: np.ndarray | float = 1.0
) -> Sequences:
    """Lays histories out, whose items are in the order of time.

    `share` is what reviews leave of each item's similarities as a neighbour.
    """
    item, length = histories.item, histories.length.astype(np.int64)
    place = np.argsort(item, kind="stable").astype(np.int32)
    users = np.bincount(item, minlength=histories.items)
    own = np.arange(len(item)) - np.repeat(np.cumsum(length) - length, length)
    before = np.minimum(own, options.window).astype(np.int32)
    after = np.minimum(np.repeat(length, length) - 1 - own, options.window).astype(np.int32)
    with np.errstate(divide="ignore"):
        left = 2 / ((1 + options.backward) * users**options.alpha)
        right = share / users ** (1 - options.alpha)
    column_start = np.concatenate([[0], np.cumsum(users)])
    near = support(int(users.max(initial=0)), options)
    return Sequences(item, column_start, place, before[place], after[place], left, right, near)
