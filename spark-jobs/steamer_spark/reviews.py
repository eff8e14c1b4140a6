"""Reads reviews together with interactions; docs/ARCHITECTURE.md has the rules."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from steamer_spark.folders import data_files
from steamer_spark.interactions import read
from steamer_spark.request import Reviews

# The event of a positive review. Its count is its weight.
REVIEW = "review"
# An item's few reviews weigh less: so many neutral ones are added to them.
NEUTRAL_REVIEWS = 5

REVIEW_ROW = {"user": "string", "item": "string", "rating": "double", "at": "bigint"}


@dataclass(frozen=True)
class Reviewed:
    """Interactions as reviews leave them."""

    interactions: DataFrame
    # user, item: what is never recommended to the user. None: there are no reviews.
    disliked: DataFrame | None = None
    # What is left of an item's similarities, for items with reviews.
    shares: dict[str, float] | None = None

    def share_of(self, ids: pa.StringArray) -> np.ndarray:
        """The share of each item: float64. 1 for an item without reviews."""
        if not self.shares:
            return np.ones(len(ids))
        place = pc.index_in(ids, pa.array(self.shares, pa.string())).fill_null(len(self.shares))
        return np.array([*self.shares.values(), 1.0])[place.to_numpy()]


def with_reviews(spark: SparkSession, interactions: DataFrame, reviews: Reviews | None) -> Reviewed:
    """Takes disliked pairs out of the interactions, and adds positive reviews as rows."""
    if reviews is None:
        return Reviewed(interactions)
    rows = read(spark, data_files(spark, [reviews.folder]), REVIEW_ROW, {})
    rows = rows.join(interactions.select("item").distinct(), "item", "left_semi").persist()
    disliked = rows.where("rating < 0").select("user", "item")
    liked = rows.where("rating > 0").select(
        "user",
        "item",
        F.lit(REVIEW).alias("event"),
        (F.col("rating") * F.lit(float(reviews.weight))).alias("count"),
        F.col("at").alias("lastAt"),
    )
    kept = interactions.withColumn("count", F.col("count").cast("double"))
    kept = kept.join(disliked, ["user", "item"], "left_anti")
    # The order of columns is the interactions' own again, behind a join too.
    kept = kept.select(*interactions.columns).unionByName(liked, allowMissingColumns=True)
    mean = F.sum("rating") / (F.count("*") + NEUTRAL_REVIEWS)
    share = 1 - F.lit(float(reviews.penalty)) * F.greatest(F.lit(0.0), -mean)
    shares = dict(rows.groupBy("item").agg(share).collect())
    return Reviewed(kept, disliked, shares)
