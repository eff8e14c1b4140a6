"""The definition of similarity over a dense table. It is slow, and easy to check by eye."""

from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from math import floor, sqrt
from typing import Any

import numpy as np

Row = tuple[str, str, str, int, int]
Near = dict[tuple[str, str], list[int]]


def plain_vectors(rows: list[Row], options: dict[str, Any]) -> dict[str, dict[str, float]]:
    """The vector of each item: the values of its users."""
    last: dict[str, dict[str, int]] = {}
    vectors: dict[str, dict[str, float]] = {item: {} for _, item, *_ in rows}
    for user, item, event, count, at in rows:
        weight = options["eventWeights"][event] * count
        value = 1 if options["vectors"] == "binary" else vectors[item].get(user, 0) + weight
        # An event of weight 0 adds nothing to a weighted vector.
        if value > 0:
            vectors[item][user] = value
        items = last.setdefault(user, {})
        items[item] = max(items.get(item, at), at)
    for user, items in last.items():
        rated = [item for item in items if user in vectors[item]]
        newest = sorted(rated, key=lambda item: (-items[item], sha256(item.encode()).digest()))
        for item in newest[options["cap"] or len(newest) :]:
            del vectors[item][user]
    return vectors


def plain_neighbours(
    vectors: dict[str, dict[str, float]],
    options: dict[str, Any],
    norms: dict[str, float] | None = None,
    probability: dict[str, float] | None = None,
) -> dict[str, list[tuple[str, float]]]:
    """Lists of (item, score), best first. An item without neighbours has no list.

    `norms` (squared) and `probability` belong to a sample of the entries.
    """
    norms = norms or squared_norms(vectors)
    found = {}
    for i, a in vectors.items():
        scores = {j: similarity(a, b, norms[i], norms[j], options) for j, b in vectors.items() if j != i}
        if probability:
            scores = {j: s / (probability[i] * probability[j]) for j, s in scores.items()}
        rounded = {j: half_even(s) for j, s in scores.items()}
        best = sorted((j for j in rounded if rounded[j] > 0), key=lambda j: (-rounded[j], j.encode()))
        if best:
            found[i] = [(j, rounded[j]) for j in best[: options["top"]]]
    return found


def plain_near(rows: list[Row], vectors: dict[str, dict[str, float]], window: int) -> Near:
    """Of each pair of items the distances of the second behind the first, one for each user."""
    last: dict[tuple[str, str], int] = {}
    for user, item, _, _, at in rows:
        last[user, item] = max(last.get((user, item), at), at)
    near: Near = {}
    for user in {row[0] for row in rows}:
        history = sorted(
            (item for item in vectors if user in vectors[item]),
            key=lambda item: (last[user, item], item.encode()),
        )
        for a, i in enumerate(history):
            for b, j in enumerate(history):
                if 0 < abs(b - a) <= window:
                    near.setdefault((i, j), []).append(b - a)
    return near


def plain_order(rows: list[Row], options: dict[str, Any]) -> dict[str, list[tuple[str, float]]]:
    """The same by the method `order`: what stands near what in histories."""
    vectors = plain_vectors(rows, options)
    near = plain_near(rows, vectors, options["window"])
    scores = {
        (i, j): order_similarity(distances, len(vectors[i]), len(vectors[j]), options)
        for (i, j), distances in near.items()
        if len(distances) >= options["minSupport"]
    }
    return plain_lists(scores, options["top"])


def plain_lists(
    scores: dict[tuple[str, str], float], top: int
) -> dict[str, list[tuple[str, float]]]:
    """The best of each item, of the scores of pairs."""
    found: dict[str, list[tuple[str, float]]] = {}
    for (i, j), score in scores.items():
        if half_even(score) > 0:
            found.setdefault(i, []).append((j, half_even(score)))
    return {i: sorted(pairs, key=lambda pair: (-pair[1], pair[0].encode()))[:top] for i, pairs in found.items()}


def plain_ridge(rows: list[Row], options: dict[str, Any]) -> dict[str, list[tuple[str, float]]]:
    """The same by the method `ridge`, one item after the other."""
    vectors = plain_vectors(rows, options)
    near = plain_near(rows, vectors, options["window"])
    users = {item: len(vector) for item, vector in vectors.items()}
    backward, alpha = options["backward"], options["alpha"]

    def counted(i: str, j: str, behind: float = 1, ahead: float = 1) -> float:
        """G(i,j), or how much counts where j stands behind i, and where ahead of it."""
        sides = ((behind if d > 0 else ahead, abs(d)) for d in near.get((i, j), []))
        return sum(side / (1 + options["distanceDecay"] * d) for side, d in sides)

    def diagonal(item: str) -> float:
        return (1 + options["ownShare"]) * users[item] + options["regularization"]

    def alike(i: str, j: str) -> float:
        n = len(near[i, j])
        if n < options["minSupport"]:
            return 0
        return counted(i, j) / sqrt(users[i] * users[j]) * n / (n + options["shrinkage"])

    kept = plain_lists({(i, j): counted(i, j) / users[i] for i, j in near}, options["coCounts"])
    keeps = {(i, j) for i, pairs in kept.items() for j, _ in pairs}
    candidates = plain_lists({(j, i): alike(i, j) for i, j in near}, options["candidates"])
    minus, p = {}, {}
    for j in vectors:
        chosen = [i for i, _ in candidates.get(j, [])]
        side = np.array([counted(i, j) for i in chosen])
        block = np.array(
            [
                [
                    diagonal(c) if c == d else counted(c, d) if {(c, d), (d, c)} & keeps else 0
                    for d in chosen
                ]
                for c in chosen
            ]
        ).reshape(len(chosen), len(chosen))
        definite = bool((np.linalg.eigvalsh(block) > 0).all())
        w = np.linalg.solve(block, side) if definite else np.zeros(len(chosen))
        rest = diagonal(j) - side @ w
        p[j] = 1 / (rest if rest > 0 else diagonal(j))
        minus |= {(i, j): p[j] * value for i, value in zip(chosen, w)}
    scores = {}
    for i, j in near:
        found = [minus[pair] for pair in ((i, j), (j, i)) if pair in minus]
        if found:
            direction = 2 * counted(i, j, 1, backward) / ((1 + backward) * counted(i, j))
            mean = sum(found) / len(found)
            scores[i, j] = mean / (p[i] ** (1 - alpha) * p[j] ** alpha) * direction
    return plain_lists(scores, options["top"])


def order_similarity(distances: list[int], i: int, j: int, options: dict[str, Any]) -> float:
    """`distances` of j behind i, one for each user; `i` and `j`: how many users each has."""
    n, alpha, backward = len(distances), options["alpha"], options["backward"]

    def near(distances: list[int]) -> float:
        return sum(1 / (1 + options["distanceDecay"] * abs(d)) for d in distances)

    forth, back = near([d for d in distances if d > 0]), near([d for d in distances if d < 0])
    g = forth + back
    direction = 2 * (forth + backward * back) / ((1 + backward) * g)
    return g / (i**alpha * j ** (1 - alpha)) * n / (n + options["shrinkage"]) * direction


def squared_norms(vectors: dict[str, dict[str, float]]) -> dict[str, float]:
    return {item: sum(value**2 for value in vector.values()) for item, vector in vectors.items()}


def similarity(
    a: dict[str, float], b: dict[str, float], i: float, j: float, options: dict[str, Any]
) -> float:
    common = [user for user in a if user in b]
    n, alpha = len(common), options["alpha"]
    if n == 0 or n < options["minSupport"]:
        return 0
    dot = sum(a[user] * b[user] for user in common)
    return dot / (sqrt(i) ** (2 * alpha) * sqrt(j) ** (2 - 2 * alpha)) * n / (n + options["shrinkage"])


def half_even(score: float) -> float:
    """Rounds to six decimals, halves to even. A value very close to a half counts as half."""
    value = Decimal(score) * 1_000_000
    half = Decimal(floor(score * 1e6)) + Decimal("0.5")
    if abs(value - half) < Decimal("1e-6"):
        value = half
    return min(2147.483647, float(value.quantize(Decimal(1), ROUND_HALF_EVEN) / 1_000_000))
