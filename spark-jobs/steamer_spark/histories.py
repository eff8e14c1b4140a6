"""Turns interactions into users' histories. Each partition cuts its own; the driver collects them
as Arrow.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame

from steamer_spark.request import Options
from steamer_spark.shards import HISTORIES, SUMS, cut_histories, from_stream, in_order, shard_schema


@dataclass(frozen=True)
class Histories:
    """A sparse users x items matrix after the cap, one row for each user.

    Items are numbered in the order of their ids' UTF-8 bytes, so that the smaller number wins a
    tie.
    """

    items: int
    # Distinct (user, item) pairs before the cap.
    entries: int
    # The number of items of each user who has any: int32.
    length: np.ndarray
    # The item of each entry, user by user: int32. With the method `order`, a user's oldest first.
    item: np.ndarray
    # Weighted: the value of each entry, > 0, float64. Binary: None.
    value: np.ndarray | None
    # DIMSUM: murmur3 of each user's id, uint32.
    user_hash: np.ndarray | None


@dataclass(frozen=True)
class Collected:
    """The content of the interactions. Arrays are int64, one number for each item, over all events.

    Items are in the order of their ids.
    """

    users: int
    ids: pa.StringArray
    # The numbers of users, views and purchases of each item.
    users_of: np.ndarray
    views: np.ndarray
    purchases: np.ndarray
    # By scenario.
    histories: dict[str, Histories]


def collect_histories(
    interactions: DataFrame, scenarios: dict[str, list[str]], options: dict[str, Options]
) -> Collected | None:
    """Collects users' histories. None when there is no row.

    Each user's interactions are brought together in one partition and cut into a history there.
    This is the job's only shuffle, and it moves no pairs. Memory: one partition in each task. The
    driver holds everything, for a moment twice.
    """
    tables = [(events, options[name]) for name, events in scenarios.items()]
    schema = shard_schema(len(tables))
    columns = ", ".join(f"{f.name} {'long' if f.type == pa.int64() else 'binary'}" for f in schema)

    def shards(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        found = list(batches)
        if found:
            shard = cut_histories(pa.Table.from_batches(found), tables)
            yield pa.RecordBatch.from_pylist([shard], schema)

    found = interactions.repartition("user").mapInArrow(shards, columns).toPandas()
    return None if found.empty else joined(found, list(scenarios))


def joined(shards: pd.DataFrame, scenarios: list[str]) -> Collected:
    """Puts shards together. Their items get common numbers."""
    own_ids = [from_stream(stream) for stream in shards["ids"]]
    ids, code = in_order(pa.chunked_array(own_ids, pa.string()))
    codes = np.split(code, np.cumsum([len(own) for own in own_ids])[:-1])
    sums = {name: np.zeros(len(ids), np.int64) for name in SUMS}
    for name, total in sums.items():
        np.add.at(total, code, column(shards[name], SUMS[name]))
    histories = {}
    for k, scenario in enumerate(scenarios):
        arrays = {name: column(shards[f"{name}{k}"], dtype) for name, dtype in HISTORIES.items()}
        sizes = [len(part) // 4 for part in shards[f"item{k}"]]
        parts = np.split(arrays["item"], np.cumsum(sizes)[:-1])
        arrays["item"] = np.concatenate([own[part] for own, part in zip(codes, parts)])
        entries = int(shards[f"entries{k}"].sum())
        histories[scenario] = Histories(items=len(ids), entries=entries, **arrays)
    return Collected(int(shards["users"].sum()), ids, **sums, histories=histories)


def column(parts: pd.Series, dtype: type) -> np.ndarray | None:
    """The arrays of all shards, one after the other; None for an absent column."""
    if parts.isna().any():
        return None
    return np.concatenate([np.frombuffer(part, dtype) for part in parts])
