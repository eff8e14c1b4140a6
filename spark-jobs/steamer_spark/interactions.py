"""Reads the pinned exports: Parquet or NDJSON, a folder a day."""

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from steamer_spark.folders import data_files
from steamer_spark.problem import Problem

INTERACTION = {"user": "string", "item": "string", "event": "string", "count": "bigint", "lastAt": "bigint"}
SAID_OF_ITEM = {"item": "string", "lastAt": "bigint"}
ATTRIBUTES = {"name": "string", "category": "string", "price": "double"}


def read_interactions(spark: SparkSession, folders: list[str]) -> DataFrame:
    """Columns of INTERACTION, none of them null. Raises Problem when there is no file at all, or one without
    a column."""
    frame = read(spark, folders, INTERACTION, {})
    if frame is not None:
        return frame
    raise Problem(
        f"Reading the interactions of {len(folders)} days, from {folders[0]} to {folders[-1]}",
        "there is not one file with data in these folders",
        "look at what the export stage wrote, and run the export again",
    )


def read_said_of_items(spark: SparkSession, folders: list[str]) -> DataFrame:
    """Columns item, lastAt, name, category, price; the last three may be null, or missing in the files."""
    frame = read(spark, folders, SAID_OF_ITEM, ATTRIBUTES)
    if frame is not None:
        return frame
    return spark.createDataFrame(
        [], ", ".join(f"{name} {kind}" for name, kind in (SAID_OF_ITEM | ATTRIBUTES).items())
    )


def read(
    spark: SparkSession, folders: list[str], required: dict[str, str], optional: dict[str, str]
) -> DataFrame | None:
    files = data_files(spark, folders)
    frames = []
    if files["parquet"]:
        frames.append(spark.read.parquet(*files["parquet"]))
    if files["json"]:
        # BigQuery writes INT64 as text; as text a number can be read too.
        schema = ", ".join(f"{name} string" for name in required | optional)
        frames.append(spark.read.schema(schema).option("mode", "FAILFAST").json(files["json"]))
    frames = [typed(frame, required, optional) for frame in frames]
    if len(frames) == 2:
        return frames[0].unionByName(frames[1])
    return frames[0] if frames else None


def typed(frame: DataFrame, required: dict[str, str], optional: dict[str, str]) -> DataFrame:
    # Names of columns have no case, in Spark as in BigQuery.
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
    """A value that must not be null: Spark would give rows without one a group of their own, unseen."""
    return F.coalesce(
        F.col(name).cast(kind), F.raise_error(F.lit(f"a row has no valid {name}")).cast(kind)
    ).alias(name)
