"""The kernel's matrix. All processes of a machine share it, as files mapped into memory."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from steamer_spark.histories import Histories
from steamer_spark.request import Options


@dataclass(frozen=True)
class Matrix:
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

    def save(self, folder: Path, name: str) -> list[Path]:
        """Writes `<folder>/<name>.<field>.npy`, one file for each array."""
        files = []
        for field in fields(self):
            array = getattr(self, field.name)
            if array is not None:
                files.append(folder / f"{name}.{field.name}.npy")
                np.save(files[-1], array)
        return files


def load_matrix(folder: Path, name: str) -> Matrix:
    """Maps the files of `save` into memory. They are read on demand, and the machine's processes
    share them.
    """
    arrays = {}
    for field in fields(Matrix):
        file = folder / f"{name}.{field.name}.npy"
        if file.exists():
            # An empty array cannot be mapped, and a small one need not be.
            mode = "r" if file.stat().st_size > 4096 else None
            arrays[field.name] = np.asarray(np.load(file, mmap_mode=mode))
    return Matrix(**arrays)


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
