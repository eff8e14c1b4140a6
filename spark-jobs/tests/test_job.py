import json
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import REPOSITORY, Shop, golden
from plain import plain_neighbours, plain_vectors
from test_definition import random_case

from steamer_spark import interactions
from steamer_spark.problem import Problem

TEA = [
    ("ann", "pot", "view_item", 2, 10),
    ("ann", "cup", "purchase", 1, 20),
    ("bob", "pot", "add_to_cart", 1, 30),
    ("bob", "cup", "view_item", 1, 40),
    ("bob", "cup", "purchase", 2, 50),
    ("cleo", "tin", "view_item", 1, 60),
]


@pytest.mark.parametrize("seed", [1, 4])
def test_neighbours_and_counts_of_random_days_are_those_of_the_definition(seed: int, shop: Shop):
    rows, options = random_case(seed)
    for third in range(3):
        shop.day(rows[third::3])
    counts = shop.run(options)
    for scenario in ("similar", "together"):
        own = [row for row in rows if scenario == "similar" or row[2] != "view_item"]
        vectors = plain_vectors(own, options)
        assert shop.neighbours(scenario) == plain_neighbours(vectors, options)
        uncapped = plain_vectors(own, options | {"cap": 0})
        lengths = [sum(user in v for v in vectors.values()) for user in {row[0] for row in rows}]
        assert counts["scenarios"][scenario] == {
            **{"entries": sum(map(len, uncapped.values())), "capped": sum(lengths), "kept": sum(lengths)},
            "pairs": sum(n * (n - 1) for n in lengths),
            "neighbours": sum(map(len, shop.neighbours(scenario).values())),
        }
    assert counts["items"] == len({row[1] for row in rows})
    assert counts["users"] == len({row[0] for row in rows})


def test_a_table_may_have_knobs_of_its_own(shop: Shop):
    rows, options = random_case(2)
    own = {"vectors": "weighted", "cap": 3, "minSupport": 1, "shrinkage": 0.5, "alpha": 0.4, "top": 2}
    shop.day(rows)
    shop.run(options, tables={"together": own})
    assert shop.neighbours("similar") == plain_neighbours(plain_vectors(rows, options), options)
    bought = [row for row in rows if row[2] != "view_item"]
    turned = options | own
    assert shop.neighbours("together") == plain_neighbours(plain_vectors(bought, turned), turned)


def test_the_metrics_of_a_sample_have_its_recall(shop: Shop):
    shop.day(TEA)
    counts = shop.run({"mode": "dimsum", "gamma": 1e9})
    similar = {"entries": 5, "capped": 5, "kept": 5, "pairs": 4, "neighbours": 2, "recallAtTop": 1.0}
    together = {"entries": 3, "capped": 3, "kept": 3, "pairs": 2, "neighbours": 2, "recallAtTop": 1.0}
    assert counts == {"items": 3, "users": 3, "scenarios": {"similar": similar, "together": together}}


def test_the_output_has_the_contracts_columns(shop: Shop):
    shop.day(TEA)
    shop.run()
    neighbour = pa.struct([("item", pa.string()), ("score", pa.float64())])
    neighbours = {
        "scenario": pa.string(),
        "item": pa.string(),
        "neighbours": pa.list_(pa.field("element", neighbour)),
    }
    assert dict(columns(shop.table("neighbours"))) == neighbours
    contract = json.loads((REPOSITORY / "contracts/schemas/catalogue-row.json").read_text())
    assert [name for name, _ in columns(shop.table("catalogue"))] == list(contract["properties"])
    kinds = dict(columns(shop.table("catalogue")))
    assert kinds["price"] == pa.float64()
    assert kinds["users"] == kinds["views"] == kinds["purchases"] == pa.int32()


def columns(table: pa.Table) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in table.schema]


def test_the_catalogue_counts_and_says_what_was_said_last(shop: Shop):
    day = shop.day(TEA)
    shop.day([("ann", "pot", "view_item", 3, 70)])
    said = [
        ("pot", "Old pot", "pots", 4.5, 10),
        ("pot", "Pot", None, None, 70),
        ("unseen", "Unseen", None, None, 5),
    ]
    arrays = [pa.array(values) for values in zip(*said)]
    items = shop.folder / "items"
    items.mkdir()
    pq.write_table(
        pa.table(arrays, names=["item", "name", "category", "price", "lastAt"]), items / "part-0.parquet"
    )
    shop.run({}, items=[f"{items}/", f"{day}/nothing-there/"])
    rows = {row.pop("item"): row for row in shop.table("catalogue").to_pylist()}
    nothing = {"name": None, "category": None, "price": None, "available": None}
    assert rows == {
        "pot": {
            "name": "Pot",
            "category": "pots",
            "price": 4.5,
            "available": None,
            "users": 2,
            "views": 5,
            "purchases": 0,
        },
        "cup": {**nothing, "users": 2, "views": 1, "purchases": 3},
        "tin": {**nothing, "users": 1, "views": 1, "purchases": 0},
    }


def test_the_catalogue_counts_users_whom_cap_and_weights_leave_out(shop: Shop):
    shop.day(TEA)
    weights = {"view_item": 0, "add_to_cart": 2, "purchase": 6}
    shop.run({"cap": 1, "vectors": "weighted", "eventWeights": weights})
    assert {row["item"]: row["users"] for row in shop.table("catalogue").to_pylist()} == {
        "pot": 2,
        "cup": 2,
        "tin": 1,
    }


def test_ndjson_days_count_like_parquet_days_with_their_integers_as_text(shops: Callable[[str], Shop]):
    parquet, mixed = shops("parquet"), shops("mixed")
    for part in (TEA[:3], TEA[3:]):
        parquet.day(part)
    mixed.day(TEA[:3])
    names = ["user", "item", "event", "count", "lastAt"]
    lines = [
        json.dumps({**dict(zip(names, row)), "count": str(row[3]), "lastAt": str(row[4])}) for row in TEA[3:]
    ]
    (mixed.empty_day() / "part-000000000000.json").write_text("\n".join(lines) + "\n")
    assert mixed.run() == parquet.run()
    assert mixed.neighbours() == parquet.neighbours()
    key = [("item", "ascending")]
    assert mixed.table("catalogue").sort_by(key) == parquet.table("catalogue").sort_by(key)


def test_a_day_without_events_may_have_no_folder_no_file_an_empty_file_or_no_rows(shop: Shop):
    shop.day([])
    shop.empty_day().rmdir()
    shop.empty_day()
    (shop.empty_day() / "part-0.parquet").touch()
    (shop.empty_day() / "part-0.json").touch()
    (shop.empty_day() / "_SUCCESS").touch()
    shop.day(TEA)
    shop.run({"shrinkage": 0})
    assert shop.neighbours() == {"pot": [("cup", 1.0)], "cup": [("pot", 1.0)]}


def test_a_heavy_user_counts_with_the_most_recent_items_and_is_not_dropped(shop: Shop):
    shop.day([("bot", f"i{k:04}", "view_item", 1, k) for k in range(3000)])
    counts = shop.run({"top": 1000})["scenarios"]["similar"]
    assert counts["entries"] == 3000
    assert counts["capped"] == 500
    assert len(shop.neighbours()["i2999"]) == 499
    assert "i2499" not in shop.neighbours()


def test_a_user_with_one_item_counts_in_its_norm_and_has_no_row(shop: Shop):
    shop.day(
        [
            ("ann", "pot", "view_item", 1, 1),
            ("ann", "cup", "view_item", 1, 1),
            ("bob", "pot", "view_item", 1, 1),
        ]
    )
    shop.run({"shrinkage": 0})
    assert shop.neighbours() == {"pot": [("cup", 0.707107)], "cup": [("pot", 0.707107)]}
    shop.run({"minSupport": 2})
    assert shop.neighbours() == {}


def test_ids_of_any_script_come_out_as_they_went_in(shop: Shop):
    ids = [row["id"] for row in golden("hashes")["ids"] if row["id"]]
    shop.day([("日本", item, "purchase", 1, 0) for item in ids])
    shop.run({"shrinkage": 0, "mode": "dimsum"})
    others = sorted(ids, key=str.encode)
    assert shop.neighbours("together") == {i: [(j, 1.0) for j in others if j != i] for i in ids}


def test_running_again_overwrites_what_is_there(shop: Shop):
    shop.day(TEA)
    shop.run()
    first = shop.neighbours(), shop.table("catalogue").num_rows
    shop.run()
    assert (shop.neighbours(), shop.table("catalogue").num_rows) == first
    shop.day([("dora", "lid", "view_item", 1, 80), ("dora", "pot", "view_item", 1, 80)])
    shop.run()
    assert set(shop.neighbours()) == {"pot", "cup", "lid"}


def test_a_failed_rerun_leaves_the_problem_and_no_metrics_until_the_next_one_succeeds(shop: Shop):
    day = shop.day(TEA)
    shop.run()
    (day / "part-1.parquet").write_bytes((day / "part-0.parquet").read_bytes()[:-100])
    with pytest.raises(Problem, match="part-1.parquet"):
        shop.run()
    model = shop.folder / "model"
    assert "part-1.parquet" in json.loads((model / "problem.json").read_text())["why"]
    assert not (model / "metrics.json").exists()
    (day / "part-1.parquet").unlink()
    assert shop.run()["items"] == 3
    assert not (model / "problem.json").exists()


def refusal(shop: Shop) -> str:
    with pytest.raises(Problem) as refused:
        shop.run()
    return str(refused.value)


def test_nothing_exported_at_all_is_refused(shop: Shop):
    shop.empty_day()
    shop.empty_day()
    assert "of 2 days" in refusal(shop)
    shop.day([])
    assert "of 3 days" in refusal(shop)
    assert "there is not one row in these folders" in refusal(shop)


def test_rows_without_a_column_a_value_or_a_number_are_refused(shop: Shop):
    day = shop.empty_day()
    (day / "part-0.json").write_text(
        '{"user":"ann","item":"pot","event":"view_item","count":"1","lastAt":"soon"}\n'
    )
    assert "a row has no valid lastAt" in refusal(shop)
    (day / "part-0.json").write_text('{"item":"pot","event":"view_item","count":"1","lastAt":"1"}\n')
    assert "a row has no valid user" in refusal(shop)
    (day / "part-0.json").write_text('{"item":"pot","event":\n')
    assert "Reading 1 days of interactions" in refusal(shop)
    (day / "part-0.json").unlink()
    pq.write_table(pa.table({"item": ["pot"], "event": ["view_item"]}), day / "part-0.parquet")
    assert "no column user, count, lastAt" in refusal(shop)


def test_a_file_of_an_unknown_kind_is_refused_rather_than_left_out(shop: Shop):
    (shop.day(TEA) / "part-1.avro").write_bytes(b"Obj")
    assert "part-1.avro: it is neither Parquet nor NDJSON" in refusal(shop)


def test_too_many_entries_are_refused_before_they_are_collected(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    shop.day(TEA)
    monkeypatch.setattr(interactions, "MOST_ENTRIES", 5)
    shop.run()
    monkeypatch.setattr(interactions, "MOST_ENTRIES", 4)
    assert "more than 4 pairs of a user and an item" in refusal(shop)
