"""Random data against the plain definition. It tests the numpy code without Spark, so that many
cases are quick.
"""

import random
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import DEFAULTS
from plain import plain_neighbours, plain_order, plain_ridge, plain_vectors, squared_norms

from steamer_spark import blocks
from steamer_spark.dimsum import keep_probabilities
from steamer_spark.hashing import entry_hash, murmur3
from steamer_spark.histories import Histories, joined
from steamer_spark.job import prepare
from steamer_spark.kernel import block_neighbours
from steamer_spark.matrix import Matrix, squared_norms as norms_of
from steamer_spark.request import Options, options as parsed
from steamer_spark.ridge import Find, Solved, solve
from steamer_spark.shards import cut_histories

ITEMS = ["1", "2", "10", "é", "z", "～", "😀", "𝒳", "tent"]
EVENTS = ["view_item", "add_to_cart", "purchase"]
# Fractions that no factor makes integers.
ODD_WEIGHTS = {"view_item": 1 / 3, "add_to_cart": 1.7, "purchase": 0}


def random_case(seed: int) -> tuple[list, dict[str, Any]]:
    pick = random.Random(seed)
    rows = [
        (
            pick.choice("abcdefgh"),
            pick.choice(ITEMS),
            pick.choice(EVENTS),
            pick.randint(1, 3),
            pick.randint(0, 5),
        )
        for _ in range(pick.randint(1, 80))
    ]
    options = {
        **{
            "vectors": pick.choice(["binary", "weighted"]),
            "cap": pick.randint(0, 5),
            "top": pick.randint(1, 10),
        },
        **{"alpha": pick.choice([0, 0.3, 0.5, 0.8, 1]), "shrinkage": pick.choice([0, 5, 20])},
        **{"minSupport": pick.randint(1, 3), "seed": pick.randint(0, 2**32 - 1)},
        "eventWeights": pick.choice([DEFAULTS["eventWeights"], ODD_WEIGHTS]),
    }
    return rows, DEFAULTS | options


def random_order(seed: int, method: str) -> tuple[list, dict[str, Any], random.Random]:
    """A case for a method that looks at the order of histories, and what draws its other options."""
    rows, options = random_case(seed)
    pick = random.Random(seed)
    options |= {"method": method, "vectors": "binary", "window": pick.randint(1, 5)}
    options |= {"distanceDecay": pick.choice([0, 0.5, 3]), "backward": pick.choice([0, 0.8, 1])}
    return rows, options, pick


def histories_of(rows: list, options: Options, ids: list[str]) -> Histories:
    """The histories of two partitions' users, put together."""
    names = ["user", "item", "event", "count", "lastAt"]
    shards = []
    for users in ("abcd", "efgh"):
        own = [dict(zip(names, row)) for row in rows if row[0] in users]
        if own:
            batches = pa.Table.from_pylist(own).to_batches(max_chunksize=7)
            shards.append(cut_histories(pa.Table.from_batches(batches), [(EVENTS, options)]))
    collected = joined(pd.DataFrame(shards), ["similar"])
    assert collected.ids.to_pylist() == ids
    return collected.histories["similar"]


def lists(matrix: Matrix, ids: list[str], options: Options) -> dict[str, list[tuple[str, float]]]:
    found = {}
    for start, end in blocks.blocks_of(matrix.work()):
        count, neighbour, score = block_neighbours(matrix, start, end, options)
        end_of = np.cumsum(count)
        for row in np.flatnonzero(count):
            own = slice(end_of[row] - count[row], end_of[row])
            found[ids[start + row]] = [(ids[j], s / 1e6) for j, s in zip(neighbour[own], score[own])]
    return found


@pytest.mark.parametrize("work_of_block", [1, 20, 2_000_000])
def test_exact_neighbours_are_those_of_the_plain_definition(
    work_of_block: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(blocks, "WORK_OF_BLOCK", work_of_block)
    for seed in range(150):
        rows, chosen = random_case(seed)
        options, ids = parsed(chosen), sorted({row[1] for row in rows})
        matrix, counts = prepare(histories_of(rows, options, ids), pa.array(ids), options)
        vectors = plain_vectors(rows, chosen)
        assert lists(matrix, ids, options) == plain_neighbours(vectors, chosen), (seed, chosen)
        assert counts["capped"] == counts["kept"] == sum(map(len, vectors.values()))


@pytest.mark.parametrize("work_of_block", [1, 20, 2_000_000])
def test_neighbours_by_order_are_those_of_the_plain_definition(
    work_of_block: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(blocks, "WORK_OF_BLOCK", work_of_block)
    for seed in range(150):
        rows, chosen, _ = random_order(seed, "order")
        options, ids = parsed(chosen), sorted({row[1] for row in rows})
        sequences, _ = prepare(histories_of(rows, options, ids), pa.array(ids), options)
        assert lists(sequences, ids, options) == plain_order(rows, chosen), (seed, chosen)


def in_blocks_here(shared: Any, work: np.ndarray, find: Find) -> Any:
    return find.kind.joined([find(shared, start, end) for start, end in blocks.blocks_of(work)])


def solved_here(rows: list, options: Options, ids: list[str]) -> tuple[Solved, dict[str, int]]:
    sequences, _ = prepare(histories_of(rows, options, ids), pa.array(ids), options)
    return solve(sequences, 1.0, options, in_blocks_here)


@pytest.mark.parametrize("work_of_block", [1, 3000, 2_000_000])
def test_neighbours_by_ridge_are_those_of_the_plain_definition(
    work_of_block: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(blocks, "WORK_OF_BLOCK", work_of_block)
    for seed in range(150):
        rows, chosen, pick = random_order(seed, "ridge")
        chosen |= {"candidates": pick.randint(1, 9), "coCounts": pick.randint(1, 9)}
        chosen |= {"regularization": pick.choice([0.0137, 5, 50]), "ownShare": pick.choice([0, 0.3])}
        options, ids = parsed(chosen), sorted({row[1] for row in rows})
        found, _ = solved_here(rows, options, ids)
        assert lists(found, ids, options) == plain_ridge(rows, chosen), (seed, chosen)


@pytest.mark.parametrize(
    ("length", "window", "counts"),
    [(3, 1, {"indefinite": 0, "floored": 1}), (5, 2, {"indefinite": 3, "floored": 0})],
)
def test_what_has_no_solution_is_counted(length: int, window: int, counts: dict[str, int]):
    rows = [("a", str(k), "view_item", 1, k) for k in range(length)]
    chosen = DEFAULTS | {"method": "ridge", "window": window, "distanceDecay": 0}
    chosen |= {"regularization": 0.0137, "ownShare": 0}
    options, ids = parsed(chosen), [str(k) for k in range(length)]
    found, mended = solved_here(rows, options, ids)
    assert mended == counts
    assert lists(found, ids, options) == plain_ridge(rows, chosen)


def test_sampled_neighbours_are_those_of_the_entries_that_the_hash_keeps():
    dropped = 0
    for seed in range(100):
        rows, chosen = random_case(seed)
        chosen |= {"mode": "dimsum", "gamma": 1.5}
        options, ids = parsed(chosen), sorted({row[1] for row in rows})
        matrix, counts = prepare(histories_of(rows, options, ids), pa.array(ids), options)
        vectors = plain_vectors(rows, chosen)
        norms = squared_norms(vectors)
        probability = {item: min(1, (1.5 / norm) ** 0.5) if norm else 1 for item, norm in norms.items()}
        kept = {
            i: {u: v for u, v in a.items() if keeps(options.seed, u, i, probability[i])}
            for i, a in vectors.items()
        }
        assert counts["kept"] == sum(map(len, kept.values()))
        dropped += counts["capped"] - counts["kept"]
        assert lists(matrix, ids, options) == plain_neighbours(kept, chosen, norms, probability), (
            seed,
            chosen,
        )
    assert dropped > 500


def keeps(seed: int, user: str, item: str, probability: float) -> bool:
    hashed = entry_hash(seed, murmur3(pa.array([user])), murmur3(pa.array([item])))[0]
    return int(hashed) < int(probability * 2**32)


def test_gamma_is_mllibs_unless_it_is_given():
    norm = np.array([1.0, 1000.0, 0.0, 1.0])
    probability = keep_probabilities(norm, parsed(DEFAULTS | {"threshold": 0.1}))
    assert probability.tolist() == pytest.approx([1, (138.6294 / 1000) ** 0.5, 1, 1], rel=1e-6)


def test_a_sample_without_a_loss_has_recall_1_and_one_that_keeps_nothing_0():
    rows = [(user, item, "view_item", 1, 0) for user in "abcdefgh" for item in ITEMS]
    recall = {}
    for gamma in (1e9, 1e-9):
        options = parsed(DEFAULTS | {"mode": "dimsum", "gamma": gamma})
        ids = sorted(ITEMS)
        recall[gamma] = prepare(histories_of(rows, options, ids), pa.array(ids), options)[1]["recallAtTop"]
    assert recall == {1e9: 1, 1e-9: 0}


@pytest.mark.parametrize("own", [{"vectors": "weighted"}, {"method": "order", "vectors": "binary"}])
def test_a_matrix_that_was_saved_is_the_same_when_it_is_mapped(own: dict[str, str], tmp_path):
    rows, chosen = random_case(3)
    options, ids = parsed(chosen | own), sorted({row[1] for row in rows})
    matrix, _ = prepare(histories_of(rows, options, ids), pa.array(ids), options)
    matrix.save(tmp_path, "m")
    mapped = type(matrix).load(tmp_path, "m")
    assert lists(mapped, ids, options) == lists(matrix, ids, options)


def test_counts_do_not_wrap_where_small_integers_would():
    users = 70_000
    histories = Histories(
        2, 2 * users, np.full(users, 2, np.int32), np.tile(np.arange(2, dtype=np.int32), users), None, None
    )
    assert norms_of(histories).tolist() == [users, users]
    options = parsed(DEFAULTS | {"shrinkage": 0})
    matrix, _ = prepare(histories, pa.array(["a", "b"]), options)
    assert block_neighbours(matrix, 0, 2, options)[2].tolist() == [1_000_000, 1_000_000]
