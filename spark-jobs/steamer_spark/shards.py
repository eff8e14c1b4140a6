"""Makes shards: a partition's part of the matrices, with its arrays as bytes."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from steamer_spark.hashing import hash_places, murmur3
from steamer_spark.request import Options
from steamer_spark.reviews import REVIEW

# Arrays with one number for each item in the shard, over all events, in the order of ids.
SUMS = {"users_of": np.int64, "views": np.int64, "purchases": np.int64}
# Arrays of the k-th table: see Histories. Their names end in k. Items are places in the shard's
# ids.
HISTORIES = {"length": np.int32, "item": np.int32, "value": np.float64, "user_hash": np.uint32}

# More than any time in microseconds.
BEFORE_ALL = 2**61


def shard_schema(scenarios: int) -> pa.Schema:
    """The columns of a shard.

    They are users (a number), ids (an Arrow stream of item ids), SUMS, and for each scenario
    entries<k> and HISTORIES.
    """
    arrays = [*SUMS, *(f"{name}{k}" for name in HISTORIES for k in range(scenarios))]
    counts = ["users", *(f"entries{k}" for k in range(scenarios))]
    return pa.schema(
        [(name, pa.int64()) for name in counts] + [(name, pa.binary()) for name in ["ids", *arrays]]
    )


def cut_histories(rows: pa.Table, tables: list[tuple[list[str], Options]]) -> dict[str, Any]:
    """The shard of a partition, from all interactions of its users.

    `tables` has the events of each table, and its options.
    """
    user = rows["user"].dictionary_encode().combine_chunks()
    ids, item = in_order(rows["item"])
    event, count = rows["event"].combine_chunks(), rows["count"].to_numpy()
    # A (user, item) pair becomes one number. Sorting by it also sorts by user.
    pair = user.indices.to_numpy().astype(np.int64) * len(ids) + item
    order = np.argsort(pair, kind="stable")

    def of_event(name: str) -> np.ndarray:
        return np.bincount(item, count * selected(event, [name]), len(ids))

    users_of = np.bincount(np.unique(pair) % len(ids), minlength=len(ids))
    shard = {"users": len(user.dictionary), "ids": to_stream(ids), "users_of": users_of}
    shard |= {"views": of_event("view_item"), "purchases": of_event("purchase")}
    # A review does not move its item in time: it is older than any event.
    times = rows["lastAt"].to_numpy() - BEFORE_ALL * selected(event, [REVIEW])
    hashes = murmur3(user.dictionary) if any(options.sampled for _, options in tables) else None
    for k, (events, options) in enumerate(tables):
        own = order[selected(event, [*events, REVIEW])[order]]
        values = count * weights(event, options.event_weights | {REVIEW: 1.0}) if options.weighted else None
        value, last = None if values is None else values[own], times[own]
        entries, pairs, value = entries_of(pair[own], last, value, ids, options)
        length = np.bincount(pairs // len(ids), minlength=len(user.dictionary))
        user_hash = hashes[length > 0] if options.sampled else None
        found = {
            "length": length[length > 0],
            "item": pairs % len(ids),
            "value": value,
            "user_hash": user_hash,
        }
        shard |= {f"entries{k}": entries} | {f"{name}{k}": array for name, array in found.items()}
    return {name: packed(name, value) for name, value in shard.items()}


def in_order(ids: pa.ChunkedArray) -> tuple[pa.StringArray, np.ndarray]:
    """The distinct ids in the order of their UTF-8 bytes, and each id's place among them (int32).
    """
    coded = ids.dictionary_encode().combine_chunks()
    order = pc.array_sort_indices(coded.dictionary).to_numpy()
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order))
    return coded.dictionary.take(pa.array(order)), place[coded.indices.to_numpy()]


def selected(event: pa.StringArray, events: list[str]) -> np.ndarray:
    return pc.is_in(event, pa.array(events, pa.string())).to_numpy(zero_copy_only=False)


def weights(event: pa.StringArray, weight: dict[str, float]) -> np.ndarray:
    """The weight of each event; 0 for an event without one."""
    place = pc.index_in(event, pa.array(weight)).fill_null(len(weight))
    return np.array([*weight.values(), 0.0])[place.to_numpy()]


def entries_of(
    pair: np.ndarray, last: np.ndarray, value: np.ndarray | None, ids: pa.StringArray, options: Options
) -> tuple[int, np.ndarray, np.ndarray | None]:
    """Adds up the rows of each pair; rows are sorted by pair.

    Returns the number of pairs, the pairs within the cap, and their values. With the method `order`
    a user's pairs are in the order of time (ties: of items), else of items.
    """
    starts = np.flatnonzero(np.diff(pair, prepend=-1))
    pair, last = pair[starts], np.maximum.reduceat(last, starts)
    # What has a review alone has the time of it.
    last = np.where(last < -BEFORE_ALL // 2, last + BEFORE_ALL, last)
    if value is not None:
        value = np.add.reduceat(value, starts)
        # An event of weight 0 adds nothing to a weighted vector.
        there = value > 0
        pair, last, value = pair[there], last[there], value[there]
    user, item = pair // len(ids), pair % len(ids)
    chosen = np.flatnonzero(within_cap(user, item, last, options.cap, ids))
    if options.ordered:
        chosen = chosen[np.lexsort((item[chosen], last[chosen], user[chosen]))]
    return len(pair), pair[chosen], None if value is None else value[chosen]


def within_cap(
    user: np.ndarray, item: np.ndarray, last: np.ndarray, cap: int, ids: pa.StringArray
) -> np.ndarray:
    """True for each entry among its user's `cap` most recent items (ties: see hash_places). 0 keeps
    all.
    """
    keep = np.ones(len(user), bool)
    length = np.bincount(user)
    if cap == 0 or length.max(initial=0) <= cap:
        return keep
    long = np.flatnonzero(length[user] > cap)
    items, own = np.unique(item[long], return_inverse=True)
    tie = hash_places(ids.take(pa.array(items)))[own]
    order = long[np.lexsort((tie, -last[long], user[long]))]
    sizes = length[length > cap]
    place = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    keep[order[place >= cap]] = False
    return keep


def packed(name: str, value: Any) -> Any:
    dtype = (SUMS | HISTORIES).get(name.rstrip("0123456789"))
    return value if dtype is None or value is None else value.astype(dtype, copy=False).tobytes()


def to_stream(ids: pa.StringArray) -> bytes:
    table = pa.table({"id": ids})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def from_stream(stream: bytes) -> pa.StringArray:
    return pa.ipc.open_stream(stream).read_all()["id"].combine_chunks()
