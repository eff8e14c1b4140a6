"""The loss of factors: the objective in docs/ARCHITECTURE.md, exponent 1."""

import numpy as np

from steamer_spark.request import Als

# Rows and entries taken at once. The limit bounds the memory for intermediate arrays.
STEP = 1 << 16


def gram(factors: np.ndarray) -> np.ndarray:
    """F'F in float64, of rows x factors."""
    parts = (factors[start : start + STEP].astype(np.float64) for start in range(0, len(factors), STEP))
    return sum(part.T @ part for part in parts)


def penalty(factors: np.ndarray, entries: np.ndarray, regularization: float) -> np.ndarray:
    """lambda n |x|^2 of each row with n entries."""
    return regularization * entries * np.einsum("rk,rk->r", factors, factors, dtype=np.float64)


def user_losses(
    factors: np.ndarray,
    length: np.ndarray,
    item: np.ndarray,
    weight: np.ndarray,
    items: np.ndarray,
    items_gram: np.ndarray,
    als: Als,
) -> np.ndarray:
    """Each user's part of the loss; what is missing is the penalty on items.

    A user has `length` entries, which lie one after the other in `item` and `weight`. All pairs are
    taken as unobserved, by x' (Y'Y) x, and then each entry's part is set right: with p = x y it is
    (w + v)(1 - p)^2 in place of w p^2.
    """
    user = np.repeat(np.arange(len(length)), length)
    predicted = np.empty(len(item))
    for start in range(0, len(item), STEP):
        part = slice(start, start + STEP)
        pairs = factors[user[part]], items[item[part]]
        predicted[part] = np.einsum("ek,ek->e", *pairs, dtype=np.float64)
    corrections = (als.unobserved + weight) * (1 - predicted) ** 2 - als.unobserved * predicted**2
    own = np.bincount(user, corrections, len(length))
    wide = factors.astype(np.float64)
    unobserved = als.unobserved * ((wide @ items_gram) * wide).sum(1)
    return own + unobserved + penalty(factors, length, als.regularization)
