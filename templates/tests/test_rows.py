"""Bad rows, and their dead letters."""

import json
from typing import Any

import pytest
from apache_beam.pvalue import TaggedOutput
from conftest import TABLES, item, similar

from steamer_load.load import join
from steamer_load.rows import dead_letter, fault_of_catalogue, fault_of_neighbours

LONGEST = "ä" * 128  # 256 bytes
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    "row",
    [
        similar("a", ("b", 1.0), ("c", 0.000001)),
        similar("a", ("b", 6.3)),
        similar("a", ("b", 1.0), scenario="together"),
        similar("a"),
        similar(LONGEST, (LONGEST, 1.0)),
        similar("a", *[(f"b{n}", 1.0) for n in range(1000)]),
    ],
)
def test_neighbours_of_every_size_and_score_above_zero_are_taken(row: dict[str, Any]) -> None:
    assert fault_of_neighbours(row, TABLES) is None


@pytest.mark.parametrize(
    ("reason", "row"),
    [
        ("bad_item", similar("", ("b", 1.0))),
        ("bad_item", {**similar("a", ("b", 1.0)), "item": None}),
        ("bad_item", similar(LONGEST + "a", ("b", 1.0))),
        ("bad_scenario", similar("a", ("b", 1.0), scenario="other")),
        ("bad_scenario", similar("a", ("b", 1.0), scenario=None)),
        ("bad_neighbour", similar("a", ("", 1.0))),
        ("bad_neighbour", similar("a", ("b", 1.0), (None, 0.5))),
        ("bad_neighbour", similar("a", (LONGEST + "a", 1.0))),
        ("bad_neighbour", {**similar("a"), "neighbours": None}),
        ("bad_neighbour", {**similar("a"), "neighbours": [None]}),
        ("too_many_neighbours", similar("a", *[(f"b{n}", 1.0) for n in range(1001)])),
        ("bad_score", similar("a", ("b", 0.0))),
        ("bad_score", similar("a", ("b", -0.1))),
        ("bad_score", similar("a", ("b", 0.5), ("c", NAN))),
        ("bad_score", similar("a", ("b", INF))),
        ("bad_score", similar("a", ("b", None))),
    ],
)
def test_neighbours_that_are_no_use_have_a_reason(reason: str, row: dict[str, Any]) -> None:
    assert fault_of_neighbours(row, TABLES) == reason


@pytest.mark.parametrize(
    "row",
    [
        item("a", name=None, category=None, price=None, users=0),
        item("a", price=0.0, available=False),
        item("a", available=None),
        item("a", price=-1.0),
        item(LONGEST, name="x" * 100_000, category="x" * 100_000),
    ],
)
def test_items_of_which_little_is_known_are_taken(row: dict[str, Any]) -> None:
    assert fault_of_catalogue(row) is None


@pytest.mark.parametrize(
    ("reason", "row"),
    [
        ("bad_item", item("")),
        ("bad_item", {**item("a"), "item": None}),
        ("bad_item", item(LONGEST + "a")),
        ("text_too_long", item("a", name="x" * 100_001)),
        ("text_too_long", item("a", category="ä" * 50_001)),
        ("bad_price", item("a", price=NAN)),
        ("bad_price", item("a", price=INF)),
        ("bad_users", item("a", users=None)),
        ("bad_users", item("a", users=-1)),
    ],
)
def test_items_that_are_no_use_have_a_reason(reason: str, row: dict[str, Any]) -> None:
    assert fault_of_catalogue(row) == reason


def test_a_dead_letter_is_one_line_of_valid_json_with_the_whole_row() -> None:
    line = dead_letter("neighbours", "bad_score", similar("größe\n42", ("b", NAN), ("c", 0.5)))
    assert "\n" not in line and "größe" in line
    letter = json.loads(line, parse_constant=pytest.fail)
    neighbours = [{"item": "b", "score": "nan"}, {"item": "c", "score": 0.5}]
    row = {"scenario": "similar", "item": "größe\n42", "neighbours": neighbours}
    assert letter == {"source": "neighbours", "reason": "bad_score", "row": row}


def joined(catalogue: list[dict], neighbours: list[dict]) -> tuple[list, list[str]]:
    """The joined rows, and the reasons of the dead letters."""
    results = list(join(("a", {"catalogue": catalogue, "neighbours": neighbours})))
    dead = [json.loads(each.value)["reason"] for each in results if isinstance(each, TaggedOutput)]
    return [each for each in results if not isinstance(each, TaggedOutput)], dead


def test_neighbours_of_an_item_that_the_catalogue_does_not_have_are_kept_aside() -> None:
    rows = [similar("a", ("b", 1.0)), similar("a", ("b", 1.0), scenario="together")]
    assert joined([], rows) == ([], ["not_in_catalogue"] * 2)


def test_of_two_rows_for_the_same_thing_the_same_one_wins_in_every_order() -> None:
    items = [item("a", users=1), item("a", users=2)]
    rows = [similar("a", ("b", 1.0)), similar("a", ("c", 1.0)), similar("a", ("b", 1.0), scenario="together")]
    one, dead = joined(items, rows)
    assert len(one) == 1 and dead == ["duplicate"] * 2
    assert joined(items[::-1], rows[::-1]) == (one, dead)
