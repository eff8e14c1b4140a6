"""Reads rows of Parquet files."""

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.io.filesystem import CompressionTypes
from apache_beam.io.filesystems import FileSystems

from steamer_load.problem import Problem

# Rows in memory as Python objects. A whole row group of neighbours would take gigabytes.
ROWS_AT_A_TIME = 256
NEXT = "look at the stage that wrote it, and run the night again from there"


class ReadRows(beam.PTransform):
    """Rows of the files that match a pattern, as dicts of the schema's columns.

    Other columns are not read. Workers share the files. Beam's ReadFromParquet would share row
    groups. But it holds a whole one as Python objects, and does not notice an absent column.

    The job fails when no file matches. It also fails when a file is damaged, lacks a column, or has
    one of another type.
    """

    def __init__(self, pattern: str, schema: pa.Schema) -> None:
        super().__init__()
        self.pattern = pattern
        self.schema = schema

    def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection:
        return (
            begin
            | "Pattern" >> beam.Create([self.pattern])
            | "Match" >> beam.FlatMap(files_of)
            | "Share" >> beam.Reshuffle()
            | "Read" >> beam.FlatMap(rows_of, self.schema)
        )


def files_of(pattern: str) -> list[str]:
    """The paths that match a pattern.

    Raises:
        Problem: there are none, or they cannot be listed.
    """
    try:
        files = [each.path for each in FileSystems.match([pattern])[0].metadata_list]
    except OSError as error:
        raise Problem(f"Reading {pattern}", str(error), NEXT) from error
    if not files:
        raise Problem(f"Reading {pattern}", "there is no such file", NEXT)
    return files


def rows_of(path: str, schema: pa.Schema) -> Iterator[dict[str, Any]]:
    """The rows of one file.

    Raises:
        Problem: the file cannot be read with the schema.
    """
    try:
        with FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED) as opened:
            parquet = pq.ParquetFile(opened)
            absent = set(schema.names) - set(parquet.schema_arrow.names)
            if absent:
                raise ValueError(f"it has no column {', '.join(sorted(absent))}")
            for batch in parquet.iter_batches(ROWS_AT_A_TIME, columns=schema.names):
                yield from batch.select(schema.names).cast(schema).to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Problem(f"Reading {path}", str(error), NEXT) from error
