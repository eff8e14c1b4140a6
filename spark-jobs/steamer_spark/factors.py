"""Factors of users and items, by MLlib's implicit-feedback ALS.

docs/ARCHITECTURE.md has the objective. MLlib's is the same divided by `unobserved`, with the
exponent 1.
"""

import math
from typing import Any

from pyspark.ml.recommendation import ALS, ALSModel
from pyspark.sql import DataFrame, SparkSession

from steamer_spark.entries import numbered, weighted_entries
from steamer_spark.factor_rows import write_items, write_users
from steamer_spark.folders import delete
from steamer_spark.problem import Problem
from steamer_spark.progress import step
from steamer_spark.request import Als

COMPUTING = "Computing factors"
NEXT = (
    "the log has the details; if it names a singular matrix, raise als.regularization; "
    "if it names lost executors, take more or larger machines (clusterWorkers, clusterMachine)"
)
DIVERGED = "raise als.regularization, or lower als.eventWeights: weights of very different sizes do that"

# MLlib's result depends on the number of blocks, so it follows from the entries alone, never from
# the cluster. A block is a task: more of them send a row's factors to more places, fewer need more
# memory each.
LEAST_BLOCKS, MOST_BLOCKS = 2, 512
ENTRIES_OF_BLOCK = 200_000
# Without checkpoints each iteration adds to the plan that a lost machine is recovered by, and a
# long plan ends the JVM by a stack overflow.
ITERATIONS_BETWEEN_CHECKPOINTS = 5
# Blocks hold arrays of numbers, which are as small as Java objects as when serialised. What finds
# no room goes to disk: computing it again would repeat iterations.
STORAGE = "MEMORY_AND_DISK"


def refuse_exponent(als: Als) -> None:
    """Raises Problem for an exponent that MLlib does not have."""
    if als.exponent != 1:
        why = f"als.exponent is {als.exponent}, and Spark's ALS knows 1 only: lambda times a row's entries"
        raise Problem(COMPUTING, why, "set als.exponent to 1, or als.factors to 0")


def write_factors(
    spark: SparkSession, interactions: DataFrame, als: Als, output: str, disliked: DataFrame | None = None
) -> dict[str, Any]:
    """Computes and writes the factors, UserFactors and ItemFactors of contracts/jobs.ts.

    `disliked` has pairs of user and item. They have no interactions, and are only written to the
    users' histories.

    Returns FactorMetrics of contracts/metrics.ts. Raises Problem when no pair has a weight, or the
    loss is no finite number.
    """
    with step(spark, "Adding up the weights of users and items"):
        entries = weighted_entries(interactions, als.event_weights)
        count = entries.count()
        if count == 0:
            why = "no user has an event whose weight is above 0"
            next = "raise als.eventWeights of events that there are, or set als.factors to 0"
            raise Problem(COMPUTING, why, next)
        users, items = numbered(entries, "user", "userNumber"), numbered(entries, "item", "itemNumber")
        if disliked is not None:
            disliked = disliked.join(interactions.select("item").distinct(), "item", "left_semi")
        coded = entries.join(users.drop("entries"), "user").join(items.drop("entries"), "item")
    checkpoints = f"{output}/.tmp-checkpoints"
    try:
        with step(spark, COMPUTING, NEXT):
            model = fit(spark, coded, als, blocks_of(count), checkpoints)
        with step(spark, "Writing the factors"):
            found, item_penalty = write_items(model, items, als, f"{output}/factors/items")
            users_found, loss = write_users(
                spark, model, coded, disliked, found, als, f"{output}/factors/users"
            )
    finally:
        delete(spark, checkpoints)
    loss += item_penalty
    if not math.isfinite(loss):
        raise Problem(COMPUTING, f"the loss is {loss}", DIVERGED)
    sizes = {"users": users_found, "items": len(found), "entries": count}
    return {"factors": als.factors, "iterations": als.iterations, "loss": loss, **sizes}


def blocks_of(entries: int) -> int:
    return min(MOST_BLOCKS, LEAST_BLOCKS + entries // ENTRIES_OF_BLOCK)


def fit(spark: SparkSession, coded: DataFrame, als: Als, blocks: int, checkpoints: str) -> ALSModel:
    """MLlib has no weight of unobserved pairs: theirs is 1, so ours is divided out."""
    spark.sparkContext.setCheckpointDir(checkpoints)
    engine = ALS(
        rank=als.factors,
        maxIter=als.iterations,
        implicitPrefs=True,
        alpha=1 / als.unobserved,
        regParam=als.regularization / als.unobserved,
        nonnegative=False,
        seed=als.seed,
        numUserBlocks=blocks,
        numItemBlocks=blocks,
        checkpointInterval=ITERATIONS_BETWEEN_CHECKPOINTS,
        intermediateStorageLevel=STORAGE,
        finalStorageLevel=STORAGE,
        userCol="userNumber",
        itemCol="itemNumber",
        ratingCol="weight",
    )
    return engine.fit(coded)
