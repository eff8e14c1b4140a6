"""Writes CatalogueRow of contracts/jobs.ts: an item's latest data, and its numbers of users and
events.
"""

import pandas as pd
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from steamer_spark.histories import Collected


def write_catalogue(spark: SparkSession, collected: Collected, said: DataFrame, output: str) -> None:
    """Writes the catalogue as Parquet.

    `said` comes from `read_said_of_items`. Events do not say what can be bought: the load stage adds
    what the shop's own catalogue says.
    """
    sums = {"users": collected.users_of, "views": collected.views, "purchases": collected.purchases}
    wanted = pd.DataFrame({"item": collected.ids.to_pandas(), **sums})
    rows = spark.createDataFrame(wanted, "item string, users int, views int, purchases int")
    names = ("name", "category", "price")
    attributes = said.groupBy("item").agg(*[last(name) for name in names])
    rows = rows.join(attributes, "item", "left").withColumn("available", F.lit(None).cast("boolean"))
    columns = ["item", *names, "available", "users", "views", "purchases"]
    rows.select(*columns).write.mode("overwrite").parquet(output)


def last(name: str) -> Column:
    """The item's latest value; of two at the same microsecond the greater."""
    value = F.max(F.when(F.col(name).isNotNull(), F.struct("lastAt", F.col(name).alias("value"))))
    return value.getField("value").alias(name)
