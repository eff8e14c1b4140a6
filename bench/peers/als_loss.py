"""The objective of docs/ARCHITECTURE.md, in float64, of factors that a contender has found.

Arguments: folder of the set, knobs as JSON, folder of the answer (users.f32, items.f32)."""

import json
import sys
from pathlib import Path

import numpy as np
from contender import read_matrix

CHUNK = 500_000


def loss(folder: str, given: str, answer: str) -> float:
    knobs = json.loads(given)
    w, factors = knobs["unobserved"], knobs["factors"]
    matrix = read_matrix(Path(folder), "weighted", np.float64)
    users, items = (np.fromfile(Path(answer, f"{side}.f32"), "<f4").reshape(-1, factors) for side in ("users", "items"))
    user = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    total = 0.0
    for start in range(0, matrix.nnz, CHUNK):
        some = slice(start, start + CHUNK)
        x, y = users[user[some]].astype(float), items[matrix.indices[some]].astype(float)
        p = np.einsum("ij,ij->i", x, y)
        total += ((w + matrix.data[some]) * (1 - p) ** 2 - w * p**2).sum()
    total += w * (gram(users) * gram(items)).sum()
    entries = np.diff(matrix.indptr), np.bincount(matrix.indices, minlength=matrix.shape[1])
    for rows, n in zip((users, items), entries, strict=True):
        squares = np.einsum("ij,ij->i", rows, rows, dtype=float)
        total += knobs["regularization"] * (n.astype(float) ** knobs["exponent"] * squares).sum()
    return float(total)


def gram(rows: np.ndarray) -> np.ndarray:
    parts = (rows[start : start + CHUNK].astype(float) for start in range(0, len(rows), CHUNK))
    return sum(part.T @ part for part in parts)


if __name__ == "__main__":
    print(json.dumps(loss(*sys.argv[1:])))
