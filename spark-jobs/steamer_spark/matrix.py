"""The matrix of users and items, and its product: the method `cosine`."""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from steamer_spark.histories import Histories
from steamer_spark.mapped import Mapped
from steamer_spark.order import MOST
from steamer_spark.request import Options


@dataclass(frozen=True)
class Matrix(Mapped):
    """Users x items, int32, by rows and by columns.

    Rows are CSR (row_start, row_item), columns CSC (column_start, column_user). `one` is an array
    of ones (int32), one for each entry: with it the product of binary matrices counts. The factors
    of s(i,j) = dot left[i] right[j] support[n]:

        left    = 1 / (p_i |i|^2a)
        right   = 1 / (p_j |j|^(2-2a)), times the item's share
        support = n/(n+L)
    """

    row_start: np.ndarray
    row_item: np.ndarray
    column_start: np.ndarray
    column_user: np.ndarray
    one: np.ndarray
    left: np.ndarray
    right: np.ndarray
    support: np.ndarray
    row_value: np.ndarray | None = None
    column_value: np.ndarray | None = None

    @property
    def items(self) -> int:
        return len(self.left)

    def by_user(self, value: np.ndarray) -> sp.csr_matrix:
        return sp.csr_matrix((value, self.row_item, self.row_start), (len(self.row_start) - 1, self.items))

    def by_item(self, value: np.ndarray, start: int, end: int) -> sp.csr_matrix:
        """The columns start .. end-1, transposed: items x users."""
        first, last = self.column_start[start], self.column_start[end]
        part = (value[first:last], self.column_user[first:last], self.column_start[start : end + 1] - first)
        return sp.csr_matrix(part, (end - start, len(self.row_start) - 1))

    def work(self) -> np.ndarray:
        """The cost of each item: the sum of its users' history lengths. int64."""
        length = np.diff(self.row_start)
        used = np.flatnonzero(np.diff(self.column_start))
        work = np.zeros(self.items, np.int64)
        work[used] = np.add.reduceat(length[self.column_user], self.column_start[used], dtype=np.int64)
        return work

    def scores(
        self, start: int, end: int, options: Options
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs of items with a user in common, of items start .. end-1: row (from 0), neighbour,
        score.

        The columns, transposed, times the matrix give the dot products. An item's score with itself
        is 0.
        """
        weighted = self.row_value is not None
        value, column_value = (self.row_value, self.column_value) if weighted else (self.one, self.one)
        dot = self.by_item(column_value, start, end) @ self.by_user(value)
        row = np.repeat(np.arange(end - start, dtype=np.int32), np.diff(dot.indptr))
        score = dot.data * self.right[dot.indices]
        if not weighted:
            score *= self.support[dot.data]
        elif options.shrinkage > 0 or options.min_support > 1:
            # Both products have the same sparsity pattern, hence the same order of pairs.
            score *= self.support[(self.by_item(self.one, start, end) @ self.by_user(self.one)).data]
        score *= self.left[start:end][row]
        score[dot.indices == row + start] = 0
        return row, dot.indices, np.minimum(score, MOST / 1e6, out=score)


def squared_norms(histories: Histories) -> np.ndarray:
    """|c_i|^2 of every item, float64: the sum of its squared values. Binary: its number of users.
    """
    squares = None if histories.value is None else histories.value**2
    return np.bincount(histories.item, squares, histories.items).astype(np.float64)


def build_matrix(
    histories: Histories,
    squared_norm: np.ndarray,
    probability: np.ndarray | None,
    options: Options,
    share: np.ndarray | float = 1.0,
) -> Matrix:
    """Lays histories out for the kernel.

    DIMSUM has kept entries with `probability`. The norms are those before sampling. `share` is what
    reviews leave of each item's similarities as a neighbour.
    """
    one = np.ones(len(histories.item), np.int32)
    row_start = np.concatenate([[0], np.cumsum(histories.length)]).astype(np.int32)
    by_row = sp.csr_matrix((one, histories.item, row_start), (len(histories.length), histories.items))
    columns = by_row.tocsc()
    kept = np.ones(histories.items) if probability is None else probability
    with np.errstate(divide="ignore"):
        left = 1 / (kept * squared_norm**options.alpha)
        right = share / (kept * squared_norm ** (1 - options.alpha))
    most = int(np.diff(columns.indptr).max(initial=0))
    matrix = Matrix(
        row_start, histories.item, columns.indptr, columns.indices, one, left, right, support(most, options)
    )
    if histories.value is None:
        return matrix
    by_row.data = histories.value
    return replace(matrix, row_value=histories.value, column_value=by_row.tocsc().data)


def support(most: int, options: Options) -> np.ndarray:
    """n/(n+L) for n = 0 .. most users in common, and 0 below the minimum support."""
    n = np.arange(most + 1)
    share = n / np.maximum(n + options.shrinkage, 1)
    return np.where(n >= max(1, options.min_support), share, 0)
