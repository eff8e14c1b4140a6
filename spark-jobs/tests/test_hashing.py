import numpy as np
import pyarrow as pa
from conftest import golden

from steamer_spark.hashing import entry_hash, murmur3

HASHES = golden("hashes")


def test_murmur3_of_every_golden_id():
    ids = [row["id"] for row in HASHES["ids"]]
    assert murmur3(pa.array(ids)).tolist() == [row["murmur3"] for row in HASHES["ids"]]


def test_murmur3_of_a_part_of_an_array():
    ids = [row["id"] for row in HASHES["ids"]]
    assert murmur3(pa.array(ids).slice(3, 4)).tolist() == [row["murmur3"] for row in HASHES["ids"][3:7]]


def test_murmur3_of_no_ids():
    assert len(murmur3(pa.array([], pa.string()))) == 0


def test_every_golden_entry():
    for row in HASHES["entries"]:
        user, item = murmur3(pa.array([row["user"]])), murmur3(pa.array([row["item"]]))
        assert entry_hash(row["seed"], user, item).tolist() == [row["hash"]]


def test_entries_are_hashed_together_as_one_by_one():
    user, item = murmur3(pa.array(["a", "b", "user1"])), murmur3(pa.array(["b", "a", "SKU-0042"]))
    expected = [row["hash"] for row in HASHES["entries"] if row["seed"] == 1]
    assert entry_hash(1, user, item).astype(np.int64).tolist() == expected
