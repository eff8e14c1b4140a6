import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from conftest import REPOSITORY, Row, Shop, golden
from pyspark.sql import SparkSession
from test_definition import EVENTS, ITEMS

from steamer_spark.entries import numbered
from steamer_spark.factor_rows import user_rows
from steamer_spark.factors import blocks_of, write_factors
from steamer_spark.loss import gram
from steamer_spark.problem import Problem
from steamer_spark.request import als_of

ALS: dict[str, Any] = {
    **{"factors": 5, "iterations": 3, "regularization": 0.02, "exponent": 1, "unobserved": 0.3, "seed": 1},
    "eventWeights": {"view_item": 1 / 3, "add_to_cart": 1.7, "purchase": 0},
}
KNOBS = als_of(ALS)
ENTRY = pa.struct([("item", pa.string()), ("weight", pa.float64()), ("bought", pa.bool_())])
COLUMNS = {
    **{"user": pa.string(), "item": pa.string(), "vector": pa.binary()},
    "history": pa.list_(pa.field("element", ENTRY)),
}
Weights = dict[tuple[str, str], float]


def test_the_job_reaches_the_golden_loss(factors_shop: Shop, shop: Shop):
    circle, others = golden("factors")
    shop.day([(*row, 0) for row in others["interactions"]])
    found = [factors_shop.metrics()["factors"], shop.run(als=others["als"])["factors"]]
    assert found == [
        {name: case[name] for name in ("users", "items", "entries")}
        | {name: case["als"][name] for name in ("factors", "iterations")}
        | {"loss": pytest.approx(case["loss"], rel=1e-4)}
        for case in (circle, others)
    ]


def test_the_loss_is_that_of_the_factors_and_histories_that_were_written(shop: Shop):
    pick = random.Random(7)
    rows = [
        (pick.choice("abcdefgh"), pick.choice(ITEMS), pick.choice(EVENTS), pick.randint(1, 3), 0)
        for _ in range(60)
    ]
    # A purchase weighs nothing here, and a return takes a view back.
    rows += [("bought", "tent", "purchase", 1, 0), ("back", "mug", "view_item", 2, 0)]
    rows += [("back", "mug", "view_item", -2, 0), ("a", "mug", "view_item", 1, 0)]
    shop.day(rows)
    counts = shop.run(als=ALS)["factors"]
    users = {row["user"]: row for row in shop.table("factors/users").to_pylist()}
    items = shop.factors("items")
    weights = plain_weights(rows)
    assert {user: row["history"] for user, row in users.items()} == plain_histories(rows, weights)
    assert items.keys() == {item for _, item in weights}
    assert (counts["users"], counts["items"], counts["entries"]) == (len(users), len(items), len(weights))
    loss = plain_loss(weights, shop.factors("users"), items)
    assert counts["loss"] == pytest.approx(loss, rel=1e-6)
    for name, folder in (("user-factors", "factors/users"), ("item-factors", "factors/items")):
        contract = json.loads((REPOSITORY / f"contracts/schemas/{name}.json").read_text())["properties"]
        found = {field.name: field.type for field in shop.table(folder).schema}
        assert found == {column: COLUMNS[column] for column in contract}


def plain_weights(rows: list[Row]) -> Weights:
    weights: Weights = {}
    for user, item, event, count, _ in rows:
        weights[user, item] = weights.get((user, item), 0) + ALS["eventWeights"][event] * count
    return {pair: weight for pair, weight in weights.items() if weight > 1e-9}


def plain_histories(rows: list[Row], weights: Weights) -> dict[str, list[dict[str, Any]]]:
    bought = {row[:2] for row in rows if row[2] == "purchase"}
    histories: dict[str, list[dict[str, Any]]] = {}
    for user, item in sorted(weights, key=lambda pair: pair[1].encode()):
        weight = pytest.approx(weights[user, item])
        entry = {"item": item, "weight": weight, "bought": (user, item) in bought}
        histories.setdefault(user, []).append(entry)
    return histories


def plain_loss(weights: Weights, users: dict[str, np.ndarray], items: dict[str, np.ndarray]) -> float:
    """The objective in docs/ARCHITECTURE.md, term by term."""
    w, loss = ALS["unobserved"], 0.0
    for user, x in users.items():
        for item, y in items.items():
            v = weights.get((user, item), 0)
            loss += (w + v) * (float(v > 0) - x.astype(float) @ y) ** 2
    for user, item in weights:
        loss += ALS["regularization"] * (users[user] @ users[user] + items[item] @ items[item])
    return loss


def test_users_may_come_in_slices_of_a_batch():
    history = [
        {"itemNumber": k % 4, "item": f"i{k % 4}", "weight": k + 0.5, "bought": k == 2} for k in range(9)
    ]
    rows = [{"user": f"u{k}", "features": [k, 1, -k], "history": history[k : 2 * k + 1]} for k in range(5)]
    known = pa.struct([("itemNumber", pa.int32()), *[(field.name, field.type) for field in ENTRY]])
    kinds = [("user", pa.string()), ("features", pa.list_(pa.float32())), ("history", pa.list_(known))]
    batch = pa.RecordBatch.from_pylist(rows, pa.schema(kinds))
    items = np.arange(12, dtype=np.float32).reshape(4, 3)
    whole = user_rows(batch, items, gram(items), KNOBS)
    parts = [user_rows(batch.slice(start, 2), items, gram(items), KNOBS) for start in (0, 2, 4)]
    assert pa.Table.from_batches(parts).to_pylist() == whole.to_pylist()
    assert [len(row["history"]) for row in whole.to_pylist()] == [1, 2, 3, 4, 5]


def test_numbers_are_in_the_order_of_bytes_in_any_number_of_partitions(spark: SparkSession):
    ids = [*ITEMS, *map(str, range(50))]
    rows = spark.createDataFrame([(name,) for name in ids + ids[:20]], "id string")
    spark.conf.set("spark.sql.adaptive.enabled", "false")
    spark.conf.set("spark.sql.shuffle.partitions", "5")
    found = numbered(rows, "id", "number")
    assert found.rdd.getNumPartitions() == 5
    got = sorted(found.collect(), key=lambda row: row.number)
    spark.conf.set("spark.sql.adaptive.enabled", "true")
    spark.conf.set("spark.sql.shuffle.partitions", "2")
    assert [row.id for row in got] == sorted(set(ids), key=str.encode)
    assert [row.number for row in got] == [*range(len(set(ids)))]
    assert sum(row.entries for row in got) == len(ids) + 20


def test_the_number_of_blocks_follows_from_the_entries_alone():
    assert [blocks_of(entries) for entries in (1, 1_000_000, 10**9)] == [2, 7, 512]


def test_another_exponent_is_refused_before_anything_is_read(shop: Shop):
    shop.days.append("/nowhere/")
    with pytest.raises(Problem, match="als.exponent is 0.5"):
        shop.run(als=ALS | {"exponent": 0.5})
    said = json.loads((shop.folder / "model/problem.json").read_text())
    assert said["next"] == "set als.exponent to 1, or als.factors to 0"


@pytest.mark.parametrize(
    ("weight", "why"),
    [(0, "no user has an event whose weight is above 0"), (1e39, "the loss is nan")],
)
def test_what_cannot_be_computed_ends_with_a_reason(
    weight: float, why: str, spark: SparkSession, tmp_path: Path
):
    als = replace(KNOBS, event_weights=dict.fromkeys(EVENTS, weight), iterations=1)
    rows = [("ann", "pot", "view_item", 1), ("ann", "cup", "view_item", 1), ("bob", "cup", "view_item", 1)]
    frame = spark.createDataFrame(rows, "user string, item string, event string, count long")
    with pytest.raises(Problem) as refused:
        write_factors(spark, frame, als, str(tmp_path))
    assert refused.value.doing == "Computing factors"
    assert why in refused.value.why
    assert "als.eventWeights" in refused.value.next
