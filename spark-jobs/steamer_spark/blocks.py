"""Cuts items into blocks for tasks."""

import numpy as np
from pyspark.sql import SparkSession

# Pairs in a block. The limit bounds a block's memory (some 100 MB). A block has at least one item.
WORK_OF_BLOCK = 2_000_000
WORK_OF_TASK = 8_000_000


def blocks_of(work: np.ndarray) -> list[tuple[int, int]]:
    """Cuts the items into ranges start .. end-1 of about WORK_OF_BLOCK each; no range without work.
    """
    if not work.any():
        return []
    block = (np.cumsum(work) - work) // WORK_OF_BLOCK
    starts = np.flatnonzero(np.diff(block, prepend=-1))
    return [(int(start), int(end)) for start, end in zip(starts, [*starts[1:], len(work)])]


def tasks_of(spark: SparkSession, blocks: int, work: int) -> int:
    """The number of tasks for so many blocks."""
    most = max(32, 4 * spark.sparkContext.defaultParallelism)
    return max(1, min(blocks, 1 + work // WORK_OF_TASK, most))
