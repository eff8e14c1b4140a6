"""Writes factors as Parquet: UserFactors and ItemFactors of contracts/jobs.ts."""

import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyspark import SparkFiles
from pyspark.ml.recommendation import ALSModel
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from steamer_spark.loss import gram, penalty, user_losses
from steamer_spark.request import Als

ITEM_ROWS = "item string, number int, entries long, vector binary"
HISTORY = "array<struct<item: string, weight: double, bought: boolean>>"
USER_ROWS = f"user string, vector binary, history {HISTORY}, loss double"
# The limit bounds the memory for what their histories are multiplied to.
USERS_AT_ONCE = 1000


def write_items(model: ALSModel, items: DataFrame, als: Als, output: str) -> tuple[np.ndarray, float]:
    """Returns the items' factors (items x factors, float32), and the penalty on them."""

    def pack(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            columns = [*batch.columns[:3], packed(batch["features"])]
            yield pa.RecordBatch.from_arrays(columns, ["item", "number", "entries", "vector"])

    joined = model.itemFactors.join(items, F.col("id") == F.col("itemNumber"))
    rows = joined.select("item", "itemNumber", "entries", "features").mapInArrow(pack, ITEM_ROWS)
    rows.select("item", "vector").write.mode("overwrite").parquet(output)
    found = rows.drop("item").toPandas().sort_values("number")
    factors = np.frombuffer(b"".join(found["vector"]), "<f4").reshape(-1, als.factors)
    return factors, float(penalty(factors, found["entries"].to_numpy(), als.regularization).sum())


def write_users(
    spark: SparkSession,
    model: ALSModel,
    coded: DataFrame,
    disliked: DataFrame | None,
    items: np.ndarray,
    als: Als,
    output: str,
) -> tuple[int, float]:
    """Returns the number of users, and the loss without the items' penalty.

    Every node has the items' factors as a file that its tasks share.
    """
    known = F.struct("itemNumber", "item", "weight", "bought")
    history = coded.groupBy("userNumber", "user").agg(F.sort_array(F.collect_list(known)).alias("history"))
    joined = model.userFactors.join(history, F.col("id") == F.col("userNumber"))
    items_gram = gram(items)
    with tempfile.TemporaryDirectory(prefix="steamer-") as folder:
        name = f"{Path(folder).name}.items.npy"
        np.save(Path(folder, name), items)
        spark.sparkContext.addFile(f"{folder}/{name}")

        def rows(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                for start in range(0, batch.num_rows, USERS_AT_ONCE):
                    yield user_rows(batch.slice(start, USERS_AT_ONCE), shipped(name), items_gram, als)

        observation = Observation("users")
        totals = [F.count("*").alias("users"), F.sum("loss").alias("loss")]
        found = joined.select("user", "features", "history").mapInArrow(rows, USER_ROWS)
        written = found.observe(observation, *totals).drop("loss")
        if disliked is not None:
            written = with_disliked(written, disliked)
        written.write.mode("overwrite").parquet(output)
    return observation.get["users"], observation.get["loss"]


def with_disliked(users: DataFrame, disliked: DataFrame) -> DataFrame:
    """Adds what a user disliked to the history: without a weight, and as if it was bought."""
    never = F.struct("item", F.lit(0.0).alias("weight"), F.lit(True).alias("bought"))
    added = disliked.groupBy("user").agg(F.collect_list(never).alias("disliked"))
    whole = F.array_sort(F.concat("history", F.coalesce("disliked", F.array())))
    return users.join(added, "user", "left").withColumn("history", whole).drop("disliked")


@lru_cache(maxsize=1)
def shipped(name: str) -> np.ndarray:
    return np.load(SparkFiles.get(name), mmap_mode="r")


def user_rows(batch: pa.RecordBatch, items: np.ndarray, items_gram: np.ndarray, als: Als) -> pa.RecordBatch:
    """Users, their factors and histories as rows of USER_ROWS."""
    lists = batch["history"]
    known, length = lists.flatten(), lists.value_lengths().to_numpy()
    item, weight = known.field("itemNumber").to_numpy(), known.field("weight").to_numpy()
    names = ["item", "weight", "bought"]
    entries = pa.StructArray.from_arrays([known.field(name) for name in names], names)
    offsets = pa.array(np.concatenate([[0], np.cumsum(length)]), pa.int32())
    factors = batch["features"].flatten().to_numpy().reshape(len(length), -1)
    loss = user_losses(factors, length, item, weight, items, items_gram, als)
    history = pa.ListArray.from_arrays(offsets, entries)
    columns = [batch["user"], packed(batch["features"]), history, pa.array(loss)]
    return pa.RecordBatch.from_arrays(columns, ["user", "vector", "history", "loss"])


def packed(features: pa.ListArray) -> pa.BinaryArray:
    """Each list of floats as little-endian float32. All lists are of one length."""
    values = features.flatten().to_numpy().astype("<f4")
    offsets = np.linspace(0, values.nbytes, len(features) + 1, dtype=np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(values)]
    return pa.Array.from_buffers(pa.binary(), len(features), buffers)
