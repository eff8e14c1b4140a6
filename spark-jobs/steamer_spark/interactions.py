"""Reads the pinned exports: Parquet or NDJSON, one folder for each day."""

from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from steamer_spark.folders import DataFile, data_files
from steamer_spark.problem import Problem

# Limit of a scenario's matrix. The driver holds it, and every node has a copy: 12 bytes an entry,
# 28 when weighted.
MOST_ENTRIES = 1_000_000_000

INTERACTION = {"user": "string", "item": "string", "event": "string", "count": "bigint", "lastAt": "bigint"}
SAID_OF_ITEM = {"item": "string", "lastAt": "bigint"}
ATTRIBUTES = {"name": "string", "category": "string", "price": "double"}


def read_interactions(spark: SparkSession, folders: list[str], *others: str) -> DataFrame:
    """Reads the columns of INTERACTION. None of them is null. It also reads other columns of text,
    which may be null, or absent from the files.

    Raises Problem when there is no file, a file lacks a column, or there are more than MOST_ENTRIES
    pairs.
    """
    files = data_files(spark, folders)
    if not files:
        raise nothing_exported(folders)
    interactions = read(spark, files, INTERACTION, dict.fromkeys(others, "string"))
    refuse_too_many(interactions, sum(file.bytes for file in files))
    return interactions


def nothing_exported(folders: list[str]) -> Problem:
    doing = f"Reading the interactions of {len(folders)} days, from {folders[0]} to {folders[-1]}"
    next = "look at what the export stage wrote: were there events on these days?"
    return Problem(doing, "there is not one row in these folders", next)


def refuse_too_many(interactions: DataFrame, size: int) -> None:
    """Raises Problem for more than MOST_ENTRIES (user, item) pairs.

    A pair takes at least one byte, so only large exports need the count.
    """
    if size > MOST_ENTRIES and interactions.select("user", "item").distinct().count() > MOST_ENTRIES:
        why = f"there are more than {MOST_ENTRIES:,} pairs of a user and an item: one machine has no room"
        raise Problem("Reading the interactions", why, "read fewer days (the setting `days`)")


def read_said_of_items(spark: SparkSession, folders: list[str]) -> DataFrame:
    """Reads item, lastAt, name, category, price. The last three may be null, or absent."""
    if files := data_files(spark, folders):
        return read(spark, files, SAID_OF_ITEM, ATTRIBUTES)
    columns = (SAID_OF_ITEM | ATTRIBUTES).items()
    return spark.createDataFrame([], ", ".join(f"{name} {kind}" for name, kind in columns))


def read(
    spark: SparkSession, files: list[DataFile], required: dict[str, str], optional: dict[str, str]
) -> DataFrame:
    parquet = [file.path for file in files if file.format == "parquet"]
    json = [file.path for file in files if file.format == "json"]
    frames = []
    if parquet:
        frames.append(spark.read.parquet(*parquet))
    if json:
        # BigQuery writes INT64 as text. A number can be read as text too.
        schema = ", ".join(f"{name} string" for name in required | optional)
        frames.append(spark.read.schema(schema).option("mode", "FAILFAST").json(json))
    return reduce(DataFrame.unionByName, (typed(frame, required, optional) for frame in frames))


def typed(frame: DataFrame, required: dict[str, str], optional: dict[str, str]) -> DataFrame:
    # Column names are case-insensitive, in Spark as in BigQuery.
    there = {name.lower() for name in frame.columns}
    if missing := [name for name in required if name.lower() not in there]:
        raise Problem(
            "Reading the exports", f"their files have no column {', '.join(missing)}", "export the days again"
        )
    columns = [present(name, kind) for name, kind in required.items()]
    for name, kind in optional.items():
        value = F.col(name) if name.lower() in there else F.lit(None)
        columns.append(value.cast(kind).alias(name))
    return frame.select(*columns)


def present(name: str, kind: str) -> Column:
    """A value that must not be null. Spark would silently put rows without it into one group."""
    return F.coalesce(
        F.col(name).cast(kind), F.raise_error(F.lit(f"a row has no valid {name}")).cast(kind)
    ).alias(name)
