"""Writes the interactions of those by whom a day is judged: Buyers of contracts/jobs.ts."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from steamer_spark.request import Buyers

DEEDS = ("purchase", "add_to_cart")
INTERACTION = ("user", "item", "event", "count", "lastAt", "day")


def write_buyers(interactions: DataFrame, buyers: Buyers, output: str) -> None:
    """Writes Interactions as Parquet."""
    done = interactions.where((F.col("day") == buyers.day) & F.col("event").isin(*DEEDS))
    by_hash = Window.partitionBy("event").orderBy(F.sha2("user", 256))
    sample = (
        done.select("event", "user")
        .distinct()
        .withColumn("place", F.row_number().over(by_hash))
        .where(F.col("place") <= buyers.most)
        .select("user")
        .distinct()
    )
    kept = interactions.select(*INTERACTION).join(F.broadcast(sample), "user", "left_semi")
    kept.coalesce(1).write.mode("overwrite").parquet(output)
