"""Runs the kernel in Spark: one block of items after another in tasks, matrices on every node,
Parquet out.
"""

import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark import SparkFiles
from pyspark.sql import Observation, SparkSession
from pyspark.sql import functions as F

from steamer_spark.blocks import blocks_of, tasks_of
from steamer_spark.kernel import block_neighbours
from steamer_spark.mapped import Mapped
from steamer_spark.matrix import Matrix
from steamer_spark.request import Options
from steamer_spark.ridge import Solved
from steamer_spark.sequences import Sequences
from steamer_spark.shipped import ship, shipped

# What the neighbours of each method are found in.
KINDS = {"cosine": Matrix, "order": Sequences, "ridge": Solved}
ROWS_OF_BATCH = 4096

NEIGHBOURS = "scenario string, item string, neighbours array<struct<item: string, score: double>>"
ARROW_NEIGHBOUR = pa.struct([("item", pa.string()), ("score", pa.float64())])

Block = tuple[str, int, int]


def write_neighbours(
    spark: SparkSession,
    matrices: dict[str, Mapped],
    ids: pa.StringArray,
    options: dict[str, Options],
    output: str,
) -> dict[str, int]:
    """Finds and writes the neighbours of every item. Returns the number in each scenario."""
    blocks = [(name, *block) for name, matrix in matrices.items() for block in blocks_of(matrix.work())]
    work = sum(int(matrix.work().sum()) for matrix in matrices.values())
    tasks = tasks_of(spark, len(blocks), work)
    with tempfile.TemporaryDirectory(prefix="steamer-") as folder:
        # Names that are unique to this run.
        prefix = Path(folder).name
        ship_ids(spark, ids, Path(folder))
        for name, matrix in matrices.items():
            ship(spark, matrix, Path(folder), f"{prefix}.{name}")

        def find(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                for number in batch["id"].to_numpy():
                    block = blocks[number]
                    yield from block_batches(prefix, block, options[block[0]])

        observation = Observation("neighbours")
        found = {name: F.when(F.col("scenario") == name, F.size("neighbours")) for name in matrices}
        totals = [F.sum(count).alias(name) for name, count in found.items()]
        lists = spark.range(0, len(blocks), 1, tasks).mapInArrow(find, NEIGHBOURS)
        lists.observe(observation, *totals).write.mode("overwrite").parquet(output)
    return {name: count or 0 for name, count in observation.get.items()}


def ship_ids(spark: SparkSession, ids: pa.StringArray, folder: Path) -> None:
    """Copies ids to every node, under the folder's name."""
    file = folder / f"{folder.name}.ids.arrow"
    table = pa.table({"id": ids})
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    spark.sparkContext.addFile(str(file))


@lru_cache(maxsize=1)
def shipped_ids(prefix: str) -> pa.Array:
    source = pa.memory_map(SparkFiles.get(f"{prefix}.ids.arrow"))
    return pa.ipc.open_file(source).read_all()["id"].combine_chunks()


def block_batches(prefix: str, block: Block, options: Options) -> Iterator[pa.RecordBatch]:
    """The neighbours of a block's items as rows of NEIGHBOURS. An item without neighbours has no
    row.
    """
    scenario, start, end = block
    matrix = shipped(KINDS[options.method], f"{prefix}.{scenario}")
    count, neighbour, score = block_neighbours(matrix, start, end, options)
    ids = shipped_ids(prefix)
    pair = pa.StructArray.from_arrays(
        [ids.take(pa.array(neighbour)), pa.array(score / 1e6)], fields=list(ARROW_NEIGHBOUR)
    )
    offsets = pa.array(np.concatenate([[0], np.cumsum(count[count > 0])]), pa.int32())
    lists = pa.ListArray.from_arrays(offsets, pair)
    items = ids.take(pa.array(start + np.flatnonzero(count)))
    columns = [pa.array([scenario] * len(items), pa.string()), items, lists]
    table = pa.table(columns, names=["scenario", "item", "neighbours"])
    yield from table.to_batches(max_chunksize=ROWS_OF_BATCH)
