"""Finds out who is who, and who is a robot: PeopleRules of contracts/jobs.ts."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from steamer_spark.request import People


def find_people(rows: DataFrame, rules: People) -> tuple[DataFrame, dict[str, Any]]:
    """Returns the interactions of people, without `device`, and PeopleMetrics.

    `rows` has the columns `device` and `day`; `device` may be null.
    """
    devices: dict[str, Any] = {"devices": 0}
    if rules.link_devices:
        rows, devices = link_devices(rows, rules)
    rows = rows.drop("device").persist()
    by_user = rows.groupBy("user").agg(F.sum("count").alias("events"))
    sizes = by_user.agg(
        F.count("*").alias("users"),
        F.coalesce(F.sum("events"), F.lit(0)).alias("events"),
        F.max(F.struct("events", "user")).alias("largest"),
    ).first()
    robots = find_robots(rows, rules)
    left_out = rows.join(F.broadcast(robots), "user").groupBy("user").agg(F.sum("count").alias("events"))
    count, events = left_out.agg(F.count("*"), F.coalesce(F.sum("events"), F.lit(0))).first()
    metrics = {"users": sizes.users, "events": sizes.events} | devices
    metrics |= {"robots": count, "robotEvents": events}
    if sizes.largest:
        metrics["largest"] = {"user": sizes.largest.user, "events": sizes.largest.events}
    if 0 < 2 * count <= sizes.users:
        columns = rows.columns
        rows = rows.join(F.broadcast(robots), "user", "left_anti").select(*columns)
    return rows, metrics


def link_devices(rows: DataFrame, rules: People) -> tuple[DataFrame, dict[str, Any]]:
    """A device without a user takes the one that it was last seen with."""
    seen = (
        rows.where("device IS NOT NULL")
        .groupBy("device")
        .agg(
            F.max(F.struct("lastAt", "user")).getField("user").alias("owner"),
            F.count_distinct("user").alias("users"),
            F.sum("count").alias("events"),
        )
        .persist()
    )
    owners = seen.where(F.col("users") <= rules.users_of_device).select(
        F.col("device").alias("user"), "owner", F.lit(True).alias("alone")
    )
    alone = rows.withColumn("alone", F.col("device").isNull())
    joined = alone.join(owners, ["user", "alone"], "left")
    linked = joined.select(
        F.coalesce("owner", "user").alias("user"), *(name for name in rows.columns if name != "user")
    )
    metrics = {"devices": joined.where("owner IS NOT NULL").select("user").distinct().count()}
    shared = seen.where(F.col("users") > rules.users_of_device).orderBy(F.desc("events"), "device").first()
    if shared:
        metrics["shared"] = {"device": shared.device, "users": shared.users, "events": shared.events}
    return linked, metrics


def find_robots(rows: DataFrame, rules: People) -> DataFrame:
    """Who looks at more than a person can, or faster, and neither buys nor fills a basket: user."""
    days = (
        rows.where("event = 'view_item'")
        .groupBy("user", "day")
        .agg(
            F.count_distinct("item").alias("items"),
            F.count_distinct("lastAt").alias("times"),
            (F.max("lastAt") - F.min("lastAt")).alias("span"),
        )
    )
    is_fast = (F.col("times") >= rules.robot_views) & (
        F.col("span") < rules.robot_micros * (F.col("times") - 1)
    )
    is_much = F.col("items") > rules.robot_items
    asked = F.lit(rules.robot_items > 0)
    busy = days.where(asked & (is_much | is_fast)).select("user").distinct()
    return busy.join(rows.where("event <> 'view_item'").select("user").distinct(), "user", "left_anti")
