"""What a night has read and published, for a notebook that walks through it."""

import json
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from steamer_spark.problem import Problem
from steamer_spark.request import Options, options


@dataclass(frozen=True)
class Night:
    """A published night: its manifest, and where its files lie."""

    data: str
    manifest: dict[str, Any]

    @property
    def run(self) -> str:
        return self.manifest["run"]

    @property
    def days(self) -> list[str]:
        """The folders with the interactions of each day."""
        days = self.manifest["stages"]["export"]["metrics"]["days"]
        return [f"{self.data}/{day['interactions']}" for day in days]

    def options(self, table: str) -> Options:
        """The knobs that a table was made with."""
        return options(self.manifest["stages"]["similarity"]["metrics"]["knobs"][table])

    def parquet(self, spark: SparkSession, name: str) -> DataFrame:
        """`neighbours` or `catalogue`, as the similarity stage wrote it."""
        return spark.read.parquet(f"{self.data}/{self.manifest['stages']['similarity']['metrics'][name]}")


def published_night(spark: SparkSession, data: str, pointer: str, shop: str) -> Night:
    """The night of the model that customers see now.

    `data` and `pointer` are folders or buckets (`gs://…`), as in the settings. Raises Problem when
    the shop has no model.
    """
    current = read_json(spark, f"{pointer}/shops/{shop}/current.json")
    return Night(data, read_json(spark, f"{data}/shops/{shop}/runs/{current['model']}/manifest.json"))


def read_json(spark: SparkSession, path: str) -> Any:
    lines = spark.sparkContext.wholeTextFiles(path)
    try:
        [(_, text)] = lines.collect()
    except Exception as error:
        next = "run a night first (`npm start`), or name another shop in STEAMER_SHOP"
        raise Problem(f"Reading {path}", "the shop has no model there", next) from error
    return json.loads(text)
