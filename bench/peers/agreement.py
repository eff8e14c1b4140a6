"""Compares each answer with the definition, computed in float64 by a plain sparse product."""

import json
import sys
from pathlib import Path

import numpy as np
from contender import read_matrix

HEAD, REST = 100, 400


def sample_items(popularity: np.ndarray) -> np.ndarray:
    """The most popular items, which have most work and the largest rounding errors, and others from
    all of the tail."""
    order = np.argsort(-popularity, kind="stable")[: np.count_nonzero(popularity)]
    rest = order[HEAD:]
    return np.concatenate([order[:HEAD], rest[:: max(1, len(rest) // REST)]])


def largest_error(exact: np.ndarray, sample: np.ndarray, item: np.ndarray, score: np.ndarray) -> float:
    """Largest errors over the sample: of each score against its own pair's, and of the r-th score
    against the r-th best of all.

    If both are small, the ids are right too, up to the order of ties. Infinite for an invalid
    answer: the item itself, or a neighbour named twice.
    """
    worst = 0.0
    for row, i, neighbours, scores in zip(exact, sample, item[sample], score[sample]):
        filled = neighbours >= 0
        named = neighbours[filled]
        if i in named or len(set(named)) < len(named):
            return float("inf")
        best = np.sort(row)[::-1][: len(scores)]
        given = np.sort(np.where(filled, scores, 0))[::-1]
        own = np.abs(row[named] - scores[filled]).max(initial=0)
        worst = max(worst, own, np.abs(best - given).max())
    return worst


def main() -> None:
    """Arguments: folder of the set, binary or weighted, neighbours an item, answers' folders."""
    folder, vectors, top, *answers = sys.argv[1:]
    matrix = read_matrix(Path(folder), vectors, np.float64)
    norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel())
    sample = sample_items(np.bincount(matrix.indices, minlength=matrix.shape[1]))
    exact = (matrix.tocsc()[:, sample].T.tocsr() @ matrix).toarray()
    exact /= np.outer(norm[sample], np.where(norm > 0, norm, 1))
    exact[np.arange(len(sample)), sample] = 0
    errors = {}
    for answer in answers:
        item = np.fromfile(Path(answer, "item.i32"), "<i4").reshape(-1, int(top))
        score = np.fromfile(Path(answer, "score.f64"), "<f8").reshape(-1, int(top))
        errors[answer] = float(largest_error(exact, sample, item, score))
    print(json.dumps({"items": len(sample), "errors": {k: min(v, 1e9) for k, v in errors.items()}}))


if __name__ == "__main__":
    main()
