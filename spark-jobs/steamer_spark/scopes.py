"""Writes ScopeRow of contracts/jobs.ts: the scopes of users, and what is popular in each."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from steamer_spark.request import Scopes


def write_scopes(interactions: DataFrame, bounds: Scopes, output: str) -> dict[str, int]:
    """Writes the scopes as Parquet, and returns ScopeMetrics.

    `interactions` has the column `scope`, which may be null.
    """
    last = F.max(F.struct("lastAt", "scope")).getField("scope").alias("scope")
    belongs = interactions.where("scope IS NOT NULL").groupBy("user").agg(last)
    found = belongs.groupBy("scope").agg(F.count("*").cast("int").alias("users")).collect()
    large = [(row.scope, row.users) for row in found if row.users >= bounds.min_users]
    # Python orders text by code points. That is also the order of UTF-8 bytes.
    kept = sorted(large, key=lambda scope: (-scope[1], scope[0]))[: bounds.most]
    listed = interactions.sparkSession.createDataFrame(kept, "scope string, total int")
    # Spark, too, orders text by its bytes.
    best = Window.partitionBy("scope").orderBy(F.desc("users"), "item")
    (
        interactions.select("user", "item")
        .join(belongs.join(F.broadcast(listed), "scope"), "user")
        .groupBy("scope", "total", "item")
        .agg(F.count_distinct("user").cast("int").alias("users"))
        .withColumn("place", F.row_number().over(best))
        .where(F.col("place") <= bounds.items)
        .groupBy("scope", F.col("total").alias("users"))
        .agg(F.sort_array(F.collect_list(F.struct("place", "item", "users"))).alias("items"))
        .withColumn("items", F.transform("items", lambda one: F.struct(one.item, one.users)))
        .write.mode("overwrite")
        .parquet(output)
    )
    return {"found": len(found), "small": len(found) - len(large), "listed": len(kept)}
