"""Runs blocks of items in tasks, and puts together what they come to: for the method `ridge`."""

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark.sql import SparkSession

from steamer_spark.blocks import blocks_of, tasks_of
from steamer_spark.mapped import Mapped
from steamer_spark.request import Options
from steamer_spark.ridge import Find, Solved, solve
from steamer_spark.sequences import Sequences
from steamer_spark.shipped import ship, shipped

FOUND = pa.schema([("block", pa.int64()), ("found", pa.binary())])


def solve_in_tasks(
    spark: SparkSession, sequences: Sequences, share: np.ndarray | float, options: Options
) -> tuple[Solved, dict[str, int]]:
    """The similarities by the method `ridge`, and the counts of ScenarioMetrics.

    The driver and each node hold what is kept of all items, its counts and its candidates.
    """
    return solve(sequences, share, options, partial(in_tasks, spark))


def in_tasks(spark: SparkSession, shared: Mapped, work: np.ndarray, find: Find) -> Mapped:
    """What `find` makes of each block of items, joined. Every node gets `shared`."""
    blocks = blocks_of(work)
    kind = type(shared)
    with tempfile.TemporaryDirectory(prefix="steamer-") as folder:
        name = Path(folder).name
        ship(spark, shared, Path(folder), name)

        def run(batches):
            for batch in batches:
                for number in batch["id"].to_numpy():
                    found = find(shipped(kind, name), *blocks[number])
                    row = {"block": int(number), "found": found.to_bytes()}
                    yield pa.RecordBatch.from_pylist([row], FOUND)

        tasks = tasks_of(spark, len(blocks), int(work.sum()))
        rows = spark.range(0, len(blocks), 1, tasks).mapInArrow(run, "block long, found binary").toPandas()
    parts = [find.kind.from_bytes(part) for part in rows.sort_values("block")["found"]]
    return find.kind.joined(parts)
