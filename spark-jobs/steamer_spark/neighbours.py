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

from steamer_spark.kernel import block_neighbours
from steamer_spark.matrix import Matrix
from steamer_spark.request import Options
from steamer_spark.sequences import Sequences

# Pairs in a block. The limit bounds a block's memory (some 100 MB). A block has at least one item.
WORK_OF_BLOCK = 2_000_000
WORK_OF_TASK = 8_000_000
ROWS_OF_BATCH = 4096

NEIGHBOURS = "scenario string, item string, neighbours array<struct<item: string, score: double>>"
ARROW_NEIGHBOUR = pa.struct([("item", pa.string()), ("score", pa.float64())])

Block = tuple[str, int, int]


def write_neighbours(
    spark: SparkSession,
    matrices: dict[str, Matrix | Sequences],
    ids: pa.StringArray,
    options: dict[str, Options],
    output: str,
) -> dict[str, int]:
    """Finds and writes the neighbours of every item. Returns the number in each scenario."""
    blocks = [(name, *block) for name, matrix in matrices.items() for block in blocks_of(matrix.work())]
    work = sum(int(matrix.work().sum()) for matrix in matrices.values())
    tasks = min(len(blocks), 1 + work // WORK_OF_TASK, max(32, 4 * spark.sparkContext.defaultParallelism))
    with tempfile.TemporaryDirectory(prefix="steamer-") as folder:
        prefix = ship(spark, matrices, ids, Path(folder))

        def find(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                for number in batch["id"].to_numpy():
                    block = blocks[number]
                    yield from block_batches(prefix, block, options[block[0]])

        observation = Observation("neighbours")
        found = {name: F.when(F.col("scenario") == name, F.size("neighbours")) for name in matrices}
        totals = [F.sum(count).alias(name) for name, count in found.items()]
        lists = spark.range(0, len(blocks), 1, max(1, tasks)).mapInArrow(find, NEIGHBOURS)
        lists.observe(observation, *totals).write.mode("overwrite").parquet(output)
    return {name: count or 0 for name, count in observation.get.items()}


def blocks_of(work: np.ndarray) -> list[tuple[int, int]]:
    """Cuts the items into ranges start .. end-1 of about WORK_OF_BLOCK each; no range without work.
    """
    if not work.any():
        return []
    block = (np.cumsum(work) - work) // WORK_OF_BLOCK
    starts = np.flatnonzero(np.diff(block, prepend=-1))
    return [(int(start), int(end)) for start, end in zip(starts, [*starts[1:], len(work)])]


def ship(spark: SparkSession, matrices: dict[str, Matrix | Sequences], ids: pa.StringArray, folder: Path) -> str:
    """Copies matrices and ids to every node. Returns the prefix of their names, unique to this run.
    """
    prefix = folder.name
    files = [folder / f"{prefix}.ids.arrow"]
    table = pa.table({"id": ids})
    with pa.OSFile(str(files[0]), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    for name, matrix in matrices.items():
        files += matrix.save(folder, f"{prefix}.{name}")
    for file in files:
        spark.sparkContext.addFile(str(file))
    return prefix


@lru_cache(maxsize=1)
def shipped_ids(prefix: str) -> pa.Array:
    source = pa.memory_map(SparkFiles.get(f"{prefix}.ids.arrow"))
    return pa.ipc.open_file(source).read_all()["id"].combine_chunks()


@lru_cache(maxsize=1)
def shipped_matrix(prefix: str, scenario: str, ordered: bool) -> Matrix | Sequences:
    kind = Sequences if ordered else Matrix
    return kind.load(Path(SparkFiles.getRootDirectory()), f"{prefix}.{scenario}")


def block_batches(prefix: str, block: Block, options: Options) -> Iterator[pa.RecordBatch]:
    """The neighbours of a block's items as rows of NEIGHBOURS. An item without neighbours has no
    row.
    """
    scenario, start, end = block
    matrix = shipped_matrix(prefix, scenario, options.ordered)
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
