"""mode=load, on a real Datastore emulator."""

import math
from datetime import datetime
from typing import Any

from conftest import MODEL, Files, item, load, similar, stored
from google.cloud import datastore


def test_golden_rows_are_stored_as_the_golden_entities(
    store: datastore.Client, files: Files, golden: dict[str, Any]
) -> None:
    files.write(golden["neighbours"], golden["catalogue"])
    counters = load(store, files, model=golden["model"], expireAt=golden["expireAt"])
    assert counters == {"entities": len(golden["entities"]), "rejected": 0, "deleted": 0}
    wanted = {(each["kind"], each["name"]): {**each["properties"]} for each in golden["entities"]}
    for properties in wanted.values():
        properties["expireAt"] = datetime.fromisoformat(golden["expireAt"])
    assert stored(store) == wanted


def test_no_property_is_indexed(store: datastore.Client, files: Files) -> None:
    files.write([similar("a", ("b", 0.5))], [item("a")])
    load(store, files)
    for kind, name, value in [
        ("Neighbours", "users", 1),
        ("Neighbours", "items", "b"),
        ("Model", "popular", "a"),
    ]:
        query = store.query(kind=kind)
        query.add_filter(filter=datastore.query.PropertyFilter(name, "=", value))
        assert list(query.fetch()) == []


def test_loading_twice_stores_the_same_entities(store: datastore.Client, files: Files) -> None:
    files.write([similar("a", ("b", 0.5))], [item("a"), item("b")])
    counters = load(store, files)
    once = stored(store)
    assert load(store, files) == counters == {"entities": 3, "rejected": 0, "deleted": 0}
    assert stored(store) == once


def test_loading_again_replaces_what_an_attempt_had_stored(store: datastore.Client, files: Files) -> None:
    files.write([similar("a", ("b", 0.5))], [item("a"), item("b")])
    load(store, files)
    files.write([similar("a", ("c", 0.25))], [item("a")])
    load(store, files)
    assert stored(store)["Neighbours", f"a:{MODEL}"]["items"] == ["c"]


def test_rows_that_are_no_use_are_written_down_and_counted_and_the_others_stored(
    store: datastore.Client, files: Files
) -> None:
    neighbours = [
        similar("a", ("b", 0.5)),
        similar("a", ("b", math.nan), scenario="together"),
        similar("b", ("a", 0.5), scenario="other"),
        similar("lost", ("a", 0.5)),
        similar("free", ("a", 0.5)),
    ]
    files.write(neighbours, [item("a"), item("b"), item("free", price=math.inf), item("b", users=5)])
    assert load(store, files) == {"entities": 3, "rejected": 6, "deleted": 0}
    letters = [(each["source"], each["reason"], each["row"]["item"]) for each in files.dead_letters()]
    assert sorted(letters) == [
        ("catalogue", "bad_price", "free"),
        ("catalogue", "duplicate", "b"),
        ("neighbours", "bad_scenario", "b"),
        ("neighbours", "bad_score", "a"),
        ("neighbours", "not_in_catalogue", "free"),
        ("neighbours", "not_in_catalogue", "lost"),
    ]
    found = stored(store)
    assert set(found) == {("Neighbours", f"a:{MODEL}"), ("Neighbours", f"b:{MODEL}"), ("Model", MODEL)}
    a = found["Neighbours", f"a:{MODEL}"]
    assert (a["items"], a["togetherItems"]) == (["b"], [])


def test_no_dead_letters_leave_no_file(store: datastore.Client, files: Files) -> None:
    files.write([], [item("a")])
    load(store, files)
    assert list(files.folder.glob("dead-letters/*.ndjson")) == []


def test_the_largest_entity_that_the_rules_allow_fits_into_datastore(
    store: datastore.Client, files: Files
) -> None:
    def wide(text: str) -> str:
        return text.rjust(256, "x")

    lists = [
        similar(wide("a"), *[(wide(str(n)), 1.0) for n in range(1000)], scenario=scenario)
        for scenario in ("similar", "together")
    ]
    files.write(lists, [item(wide("a"), name="n" * 100_000, category="c" * 100_000)])
    assert load(store, files)["entities"] == 2
    assert len(stored(store)["Neighbours", f"{wide('a')}:{MODEL}"]["togetherItems"]) == 1000
