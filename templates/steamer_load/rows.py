"""Conditions that a row must meet to enter an entity. Other rows go to the dead letters."""

import json
import math
from collections.abc import Collection
from typing import Any

import pyarrow as pa

Row = dict[str, Any]

NEIGHBOURS = pa.schema(
    [
        ("scenario", pa.string()),
        ("item", pa.string()),
        ("neighbours", pa.list_(pa.struct([("item", pa.string()), ("score", pa.float64())]))),
    ]
)
CATALOGUE = pa.schema(
    [
        ("item", pa.string()),
        ("name", pa.string()),
        ("category", pa.string()),
        ("price", pa.float64()),
        ("available", pa.bool_()),
        ("users", pa.int64()),
    ]
)

MAX_ID_BYTES = 256
MAX_NEIGHBOURS = 1000
# Three lists of MAX_NEIGHBOURS ids and two texts of this size stay below Datastore's 1 MiB an
# entity.
MAX_TEXT_BYTES = 100_000


def fault_of_neighbours(row: Row, tables: Collection[str]) -> str | None:
    """The fault of a row of NEIGHBOURS, or None. `tables` are the known tables."""
    if not is_id(row["item"]):
        return "bad_item"
    if row["scenario"] not in tables:
        return "bad_scenario"
    neighbours = row["neighbours"]
    if neighbours is None or None in neighbours or not all(is_id(each["item"]) for each in neighbours):
        return "bad_neighbour"
    if len(neighbours) > MAX_NEIGHBOURS:
        return "too_many_neighbours"
    if not all(is_score(each["score"]) for each in neighbours):
        return "bad_score"
    return None


def fault_of_catalogue(row: Row) -> str | None:
    """The fault of a row of CATALOGUE, or None."""
    if not is_id(row["item"]):
        return "bad_item"
    if not all(row[name] is None or size(row[name]) <= MAX_TEXT_BYTES for name in ("name", "category")):
        return "text_too_long"
    if row["price"] is not None and not math.isfinite(row["price"]):
        return "bad_price"
    if row["users"] is None or row["users"] < 0:
        return "bad_users"
    return None


def is_id(value: str | None) -> bool:
    return value is not None and 1 <= size(value) <= MAX_ID_BYTES


def is_score(value: float | None) -> bool:
    # Weighted vectors may score above 1.
    return value is not None and math.isfinite(value) and value > 0


def size(text: str) -> int:
    return len(text.encode())


def dead_letter(source: str, reason: str, row: Row) -> str:
    """A rejected row as one line of JSON."""
    return json.dumps({"source": source, "reason": reason, "row": in_words(row)}, ensure_ascii=False)


def in_words(value: Any) -> Any:
    """The value with NaN and infinity as text, since JSON has no signs for them."""
    if isinstance(value, dict):
        return {key: in_words(each) for key, each in value.items()}
    if isinstance(value, list):
        return [in_words(each) for each in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
