"""Files that break the contract fail the job, and the error names them."""

from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Files, item, load_job, similar

from steamer_load.load import make_entities
from steamer_load.parquet import ROWS_AT_A_TIME, rows_of
from steamer_load.problem import Problem
from steamer_load.rows import CATALOGUE, NEIGHBOURS


def failure(files: Files) -> str:
    """The job's error message."""
    with pytest.raises(Problem) as raised, beam.Pipeline(runner="FnApiRunner") as pipeline:
        make_entities(pipeline, load_job(files))
    return str(raised.value)


@pytest.fixture
def sound(files: Files) -> Files:
    files.write([similar("a", ("b", 0.5))], [item("a"), item("b")])
    return files


def test_no_file_that_matches_is_named(sound: Files) -> None:
    for file in sound.folder.glob("catalogue/*"):
        file.unlink()
    said = failure(sound)
    assert f"Reading {sound.folder}/catalogue/*.parquet" in said and "there is no such file" in said


def test_a_corrupt_file_is_named(sound: Files) -> None:
    (sound.folder / "neighbours/part-1.parquet").write_text("PAR1 this is no Parquet PAR1")
    said = failure(sound)
    assert f"Reading {sound.folder}/neighbours/part-1.parquet" in said and "Next: " in said


def test_a_truncated_file_is_named(sound: Files) -> None:
    file = sound.folder / "catalogue/part-1.parquet"
    file.write_bytes(file.read_bytes()[:-9])
    assert f"Reading {file}" in failure(sound)


def test_a_missing_column_is_named_even_if_only_one_file_lacks_it(sound: Files) -> None:
    file = sound.folder / "catalogue/part-1.parquet"
    pq.write_table(pq.read_table(file).drop_columns(["users"]), file)
    assert f"Reading {file}" in (said := failure(sound)) and "it has no column users" in said


@pytest.mark.parametrize(
    "neighbours",
    [
        pa.array([["b"]]),
        pa.array([[{"item": "b", "score": "much"}]]),
        pa.array(["b"]),
    ],
)
def test_neighbours_of_another_type_fail(sound: Files, neighbours: pa.Array) -> None:
    file = sound.folder / "neighbours/part-1.parquet"
    columns = [pa.array(["similar"]), pa.array(["a"]), neighbours]
    pq.write_table(pa.Table.from_arrays(columns, NEIGHBOURS.names), file)
    assert f"Reading {file}" in failure(sound)


def test_what_other_writers_call_the_same_types_is_read(tmp_path: Path) -> None:
    """Spark, BigQuery and DuckDB each name the parts of a list, and choose widths, in their own
    way.
    """
    file = tmp_path / "neighbours.parquet"
    struct = pa.struct([("item", pa.large_string()), ("score", pa.float32()), ("users", pa.int32())])
    columns = [
        pa.array(["similar"]).dictionary_encode(),
        pa.array(["a"], pa.large_string()),
        pa.array([[{"item": "b", "score": 0.5, "users": 3}]], pa.large_list(pa.field("list.item", struct))),
    ]
    pq.write_table(pa.Table.from_arrays(columns, NEIGHBOURS.names), file)
    assert list(rows_of(str(file), NEIGHBOURS)) == [similar("a", ("b", 0.5))]


def test_files_longer_than_a_batch_are_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.parquet"
    rows = [item(str(n), users=n) for n in range(3 * ROWS_AT_A_TIME + 1)]
    pq.write_table(pa.Table.from_pylist(rows, CATALOGUE), file, row_group_size=ROWS_AT_A_TIME * 2 - 1)
    assert list(rows_of(str(file), CATALOGUE)) == rows
