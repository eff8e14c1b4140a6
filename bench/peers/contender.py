"""The common part of every peer: read the matrix, time, measure memory, hand over the answer."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.sparse as sp

Answer = tuple[np.ndarray, np.ndarray]


def read_matrix(folder: Path, vectors: str, dtype: type = np.float32) -> sp.csr_matrix:
    """The users x items matrix of a set; all ones when `vectors` is "binary"."""
    meta = json.loads((folder / "meta.json").read_text())
    row_start = np.fromfile(folder / "rowStart.i32", "<i4")
    item = np.fromfile(folder / "item.i32", "<i4")
    if vectors == "binary":
        value = np.ones(len(item), dtype)
    else:
        value = np.fromfile(folder / "value.f32", "<f4").astype(dtype, copy=False)
    return sp.csr_matrix((value, item, row_start), shape=(meta["users"], meta["items"]))


def unit_columns(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Every item's vector divided by its length, in float32."""
    squares = np.bincount(matrix.indices, matrix.data.astype(np.float64) ** 2, matrix.shape[1])
    scale = (1 / np.sqrt(np.maximum(squares, 1e-30))).astype(np.float32)
    return sp.csr_matrix((matrix.data * scale[matrix.indices], matrix.indices, matrix.indptr), matrix.shape)


def main(load: Callable, compute: Callable, finish: Callable[..., Answer]) -> None:
    """Arguments: folder, binary or weighted, neighbours an item, threads, folder for the answer.

    load(folder, vectors, threads) -> data, before the clock starts;
    compute(data, top, threads) -> result, measured;
    finish(result, top) -> (item, score), after it.

    Both are arrays of items x top, best first, filled up with -1 and 0.
    """
    folder, vectors, top, threads, out = sys.argv[1:6]
    data = load(Path(folder), vectors, int(threads))
    results = []
    measurement = measured(lambda: results.append(compute(data, int(top), int(threads))))
    item, score = finish(results[0], int(top))
    item.astype("<i4").tofile(Path(out, "item.i32"))
    score.astype("<f8").tofile(Path(out, "score.f64"))
    print(json.dumps(measurement))


def measured(compute: Callable[[], object]) -> dict[str, float]:
    """Seconds and megabytes of a computation in this process."""
    before, cpu, wall = resident_megabytes(), cpu_seconds(), time.perf_counter()
    compute()
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    return {"wall": wall, "cpu": cpu, "before": before, "peak": peak_megabytes()}


def without_self(similar: sp.csr_matrix, top: int) -> Answer:
    """The best `top` of each row's entries, the diagonal left out."""
    items = similar.shape[0]
    best = np.full((items, top), -1, np.int32)
    scores = np.zeros((items, top))
    for i in range(items):
        row = slice(similar.indptr[i], similar.indptr[i + 1])
        neighbours, values = similar.indices[row], similar.data[row]
        order = np.argsort(-values, kind="stable")
        order = order[neighbours[order] != i][:top]
        best[i, : len(order)] = neighbours[order]
        scores[i, : len(order)] = values[order]
    return best, scores


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def resident_megabytes() -> float:
    return status_megabytes("VmRSS") or peak_megabytes()


def peak_megabytes() -> float:
    """From /proc where it exists: ru_maxrss can carry over a value from the starting process before
    exec."""
    bytes_per_unit = 1 if sys.platform == "darwin" else 1024
    ru_maxrss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return status_megabytes("VmHWM") or ru_maxrss * bytes_per_unit / 1e6


def status_megabytes(key: str) -> float | None:
    if not os.path.exists("/proc/self/status"):
        return None
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return None
