"""DIMSUM: keeps a sample of the entries.

Source: Zadeh and Carlsson, "Dimension Independent Matrix Square using MapReduce", 2013, as MLlib
samples it. core/ratings/dimsum.ts keeps the same entries.
"""

from dataclasses import replace

import numpy as np

from steamer_spark.hashing import entry_hash
from steamer_spark.histories import Histories
from steamer_spark.request import Options

# Entries decided at once. The limit bounds the memory for intermediate arrays.
STEP = 1 << 24


def keep_probabilities(squared_norm: np.ndarray, options: Options) -> np.ndarray:
    """min(1, sqrt(gamma) / |c_i|) of every item; gamma is 10 ln(items) / threshold by default."""
    gamma = options.gamma
    if gamma is None:
        gamma = 10 * np.log(len(squared_norm)) / options.threshold
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.fmin(1, np.sqrt(gamma / squared_norm))


def sample(histories: Histories, probability: np.ndarray, item_hash: np.ndarray, seed: int) -> Histories:
    """Keeps each entry with its item's probability. Kept entries have their original values."""
    limit = np.floor(probability * 2**32)
    user_hash = np.repeat(histories.user_hash, histories.length)
    keep = np.empty(len(histories.item), bool)
    for start in range(0, len(keep), STEP):
        part = slice(start, start + STEP)
        item = histories.item[part]
        keep[part] = entry_hash(seed, user_hash[part], item_hash[item]) < limit[item]
    start = np.cumsum(histories.length) - histories.length
    return replace(
        histories,
        length=np.add.reduceat(keep, start, dtype=np.int32),
        item=histories.item[keep],
        value=None if histories.value is None else histories.value[keep],
    )
