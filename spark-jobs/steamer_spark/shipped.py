"""Arrays on every node of the cluster."""

from functools import lru_cache
from pathlib import Path

from pyspark import SparkFiles
from pyspark.sql import SparkSession

from steamer_spark.mapped import Mapped


def ship(spark: SparkSession, mapped: Mapped, folder: Path, name: str) -> None:
    """Copies arrays to every node, by way of a folder of the driver. The name is the run's own."""
    for file in mapped.save(folder, name):
        spark.sparkContext.addFile(str(file))


@lru_cache(maxsize=1)
def shipped(kind: type[Mapped], name: str) -> Mapped:
    return kind.load(Path(SparkFiles.getRootDirectory()), name)
