"""What the peers of bench/ridge.ts have in common: the data, the clock, and NDCG@10."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from contender import measured, read_matrix

# score(rows of users) -> users x items
Score = Callable[[sp.csr_matrix], np.ndarray]


def main(compute: Callable[[sp.csr_matrix, int], object], score: Callable[[object], Score] | None = None) -> None:
    """Arguments: folder, threads, folder for the answer.

    compute(matrix, threads) is measured. Without `score` it gives the answer, two arrays of items x
    top: items and scores. A folder with test.csv is a split of `steamer evaluate --export-ranks`:
    NDCG@10 is printed too, of score(what was computed).
    """
    folder, threads, out = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    is_split = (folder / "test.csv").exists()
    matrix, hidden = read_split(folder) if is_split else (read_matrix(folder, "binary"), {})
    results = []
    measurement = measured(lambda: results.append(compute(matrix, threads)))
    if is_split and score:
        measurement["ndcg"] = ndcg(matrix, hidden, score(results[0]))
    if score is None:
        item, scores = results[0]
        item.astype("<i4").tofile(out / "item.i32")
        scores.astype("<f8").tofile(out / "score.f64")
    print(json.dumps(measurement))


def read_split(folder: Path) -> tuple[sp.csr_matrix, dict[int, set[int]]]:
    """Binary users x items of training.csv, and the hidden items of each user of test.csv."""
    with open(folder / "training.csv") as file:
        pairs = [(row["user"], row["item"]) for row in csv.DictReader(file)]
    users = {user: k for k, user in enumerate(sorted({user for user, _ in pairs}))}
    items = {item: k for k, item in enumerate(sorted({item for _, item in pairs}))}
    row, column = [users[user] for user, _ in pairs], [items[item] for _, item in pairs]
    matrix = sp.csr_matrix((np.ones(len(pairs), np.float32), (row, column)), (len(users), len(items)))
    matrix.data[:] = 1
    hidden: dict[int, set[int]] = {}
    with open(folder / "test.csv") as file:
        for line in csv.DictReader(file):
            hidden.setdefault(users[line["user"]], set()).add(items.get(line["item"], -1))
    return matrix, hidden


def ndcg(matrix: sp.csr_matrix, hidden: dict[int, set[int]], score: Score) -> float:
    """NDCG@10 over all items that the user has not, as docs/QUALITY.md defines it."""
    total = 0.0
    users = list(hidden)
    gain = 1 / np.log2(np.arange(2, 12))
    for start in range(0, len(users), 200):
        some = users[start : start + 200]
        scores = score(matrix[some])
        for user, row in zip(some, scores):
            row[matrix.indices[matrix.indptr[user] : matrix.indptr[user + 1]]] = -np.inf
            best = np.argpartition(-row, 10)[:10]
            best = best[np.argsort(-row[best], kind="stable")]
            found = sum(gain[k] for k, item in enumerate(best) if item in hidden[user] and row[item] > 0)
            total += found / gain[: len(hidden[user])].sum()
    return total / len(users)
