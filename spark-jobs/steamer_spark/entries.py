"""What a user did with an item, added up to one weight: the entries that factors come from."""

from functools import reduce
from operator import add

import numpy as np
from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from steamer_spark.reviews import REVIEW

# monotonically_increasing_id has a row's place in its partition below this bit, and above it the
# partition.
PARTITION_BIT = 33
# For frames that are read a few times, from end to end: memory is for the factors. They go with the
# session.
ON_DISK = StorageLevel.DISK_ONLY


def weighted_entries(interactions: DataFrame, weights: dict[str, float]) -> DataFrame:
    """user, item, weight (double), bought: each pair once. The frame stays on disk.

    The weight adds up the event's weight times its count. Pairs of no weight are left out; MLlib
    takes weights as floats, so it is the float that must be above 0. Counts are added up as
    integers, so that no weight depends on the order of rows. A pair has one review at most, and its
    count is its weight.
    """
    weights = weights | {REVIEW: 1.0}
    counts = [F.sum(F.when(F.col("event") == name, F.col("count")).otherwise(0)) for name in weights]
    bought = F.max(F.col("event") == "purchase").alias("bought")
    totals = [count.alias(name) for name, count in zip(weights, counts)]
    sums = interactions.groupBy("user", "item").agg(bought, *totals)
    weight = reduce(add, (F.col(name) * F.lit(float(weight)) for name, weight in weights.items()))
    entries = sums.select("user", "item", weight.alias("weight"), "bought")
    return entries.where(F.col("weight").cast("float") > 0).persist(ON_DISK)


def numbered(entries: DataFrame, name: str, number: str) -> DataFrame:
    """The distinct ids of a column, their numbers (int, from 0), and how many `entries` each has.

    Numbers are in the order of the ids' UTF-8 bytes. Each sorted partition counts its own rows;
    then the rows before it are added. The frame stays on disk.
    """
    sorted_ids = entries.groupBy(name).agg(F.count("*").alias("entries")).orderBy(name)
    placed = sorted_ids.withColumn("place", F.monotonically_increasing_id()).persist(ON_DISK)
    part = F.shiftright("place", PARTITION_BIT).cast("int")
    sizes = dict(placed.groupBy(part).count().collect())
    parts = range(max(sizes) + 1)
    before = np.cumsum([0, *(sizes.get(k, 0) for k in parts)])
    excess = F.array(*[F.lit((k << PARTITION_BIT) - int(before[k])) for k in parts])
    return placed.select(name, (F.col("place") - excess[part]).cast("int").alias(number), "entries")
