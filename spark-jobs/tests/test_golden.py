import pytest
from conftest import Shop, golden
from pyspark.sql import functions as F

from steamer_spark.interactions import read_interactions
from steamer_spark.job import columns_of
from steamer_spark.people import find_people
from steamer_spark.request import parse_request


@pytest.mark.parametrize("case", golden("similarity"), ids=lambda case: case["name"])
def test_the_job_finds_the_golden_neighbours(case: dict, shop: Shop):
    rows = case["interactions"]
    shop.day([(user, item, event, count, *(at or [0])) for user, item, event, count, *at in rows])
    shop.run(case["options"])
    expected = {item: [tuple(pair) for pair in pairs] for item, pairs in case["neighbours"].items() if pairs}
    assert shop.neighbours() == expected


@pytest.mark.parametrize("case", golden("scopes"), ids=lambda case: case["name"])
def test_the_job_lists_the_golden_scopes(case: dict, shop: Shop):
    rows = case["interactions"]
    shop.day([(user, item, "view_item", 1, at) for user, item, at, _ in rows], [row[3] for row in rows])
    counts = shop.run(scopes=case["bounds"])
    found = shop.table("scopes").to_pylist() if case["scopes"] else []
    lists = [[row["scope"], row["users"], [[i["item"], i["users"]] for i in row["items"]]] for row in found]
    assert sorted(lists) == sorted(case["scopes"])
    assert counts["scopes"] == case["counts"]


def test_no_scopes_are_listed_where_nobody_asks_for_them(shop: Shop):
    shop.day([("ann", "tea", "view_item", 1, 0)], ["north"])
    assert "scopes" not in shop.run()
    assert not (shop.folder / "model/scopes").exists()


@pytest.mark.parametrize("case", golden("people"), ids=lambda case: case["name"])
def test_the_job_finds_who_is_who_as_the_golden_rows_say(case: dict, shop: Shop):
    rows = case["interactions"]
    shop.day(
        [(user, item, event, count, at) for user, _, item, event, count, at, _ in rows],
        device=[row[1] for row in rows],
        day=[row[6] for row in rows],
    )
    request = parse_request(shop.request({}, people=case["rules"]))
    interactions = read_interactions(shop.spark, request.interactions, *columns_of(request))
    found, metrics = find_people(interactions, request.people)
    total = found.groupBy("user", "item", "event").agg(F.sum("count")).collect()
    assert sorted(map(list, total)) == sorted(case["people"])
    assert metrics == case["metrics"]
    assert shop.run(people=case["rules"])["people"] == case["metrics"]


@pytest.mark.parametrize("case", golden("buyers"), ids=lambda case: case["name"])
def test_the_job_writes_the_golden_buyers(case: dict, shop: Shop):
    rows = case["interactions"]
    shop.day([tuple(row[:5]) for row in rows], day=[row[5] for row in rows])
    shop.run(buyers=case["buyers"])
    columns = ("user", "item", "event", "count", "lastAt", "day")
    found = [[row[name] for name in columns] for row in shop.table("buyers").to_pylist()]
    assert sorted(found) == sorted(row for row in rows if row[0] in case["kept"])


@pytest.mark.parametrize("case", golden("reviews"), ids=lambda case: case["name"])
def test_the_job_reads_reviews_as_the_golden_rows_say(case: dict, shop: Shop):
    shop.day([(user, item, event, count, 0) for user, item, event, count in case["interactions"]])
    folder = shop.reviews(case["reviews"])
    reviews = {"folder": folder, "weight": case["weight"], "penalty": case["penalty"]}
    als = golden("factors")[0]["als"] | {"factors": 2, "iterations": 1}
    shop.run(case["options"], reviews=reviews, als=als)
    expected = {item: [tuple(pair) for pair in pairs] for item, pairs in case["neighbours"].items() if pairs}
    assert shop.neighbours() == expected
    columns = ("item", "users", "views", "purchases")
    rows = shop.table("catalogue").to_pylist()
    assert sorted([row[name] for name in columns] for row in rows) == case["catalogue"]
    users = shop.table("factors/users").to_pylist()
    entry = ("item", "weight", "bought")
    histories = {row["user"]: [[one[name] for name in entry] for one in row["history"]] for row in users}
    assert histories == case["histories"]
