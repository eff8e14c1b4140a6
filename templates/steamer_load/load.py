"""mode=load: turns neighbours and catalogue into the entities of a model. Bad rows are kept aside.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.io import WriteToText
from apache_beam.io.gcp.datastore.v1new.datastoreio import WriteToDatastore
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.combiners import CountCombineFn, TopCombineFn, TupleCombineFn

from steamer_load.counters import counted
from steamer_load.entities import POPULAR_ITEMS, item_entity, model_entity
from steamer_load.parameters import LoadJob
from steamer_load.parquet import ReadRows
from steamer_load.rows import CATALOGUE, NEIGHBOURS, Row, dead_letter, fault_of_catalogue, fault_of_neighbours

REJECTED = "rejected"


def load(pipeline: beam.Pipeline, job: LoadJob, ramp_up: bool) -> None:
    """Adds the steps of mode=load. A bad row never fails the job: it is counted and written down.
    """
    entities, dead_letters = make_entities(pipeline, job)
    (
        entities
        | "Count entities" >> beam.Map(counted, "entities")
        | "Write entities" >> WriteToDatastore(job.project, ramp_up, job.workers)
    )
    (
        dead_letters
        | "Count dead letters" >> beam.Map(counted, "rejected")
        | "Write dead letters"
        >> WriteToText(job.dead_letters, file_name_suffix=".ndjson", skip_if_empty=True)
    )


def make_entities(pipeline: beam.Pipeline, job: LoadJob) -> tuple[PCollection, PCollection]:
    """The entities of the model, and a line of JSON for each bad row."""
    neighbours = (
        pipeline
        | "Read neighbours" >> ReadRows(job.neighbours, NEIGHBOURS)
        | "Check neighbours"
        >> beam.FlatMap(check, "neighbours", partial(fault_of_neighbours, tables=frozenset(job.tables))).with_outputs(REJECTED, main="good")
    )
    catalogue = (
        pipeline
        | "Read catalogue" >> ReadRows(job.catalogue, CATALOGUE)
        | "Check catalogue"
        >> beam.FlatMap(check, "catalogue", fault_of_catalogue).with_outputs(REJECTED, main="good")
    )
    joined = (
        {"catalogue": catalogue.good, "neighbours": neighbours.good}
        | "Group by item" >> beam.CoGroupByKey()
        | "Join" >> beam.FlatMap(join).with_outputs(REJECTED, main="items")
    )
    items = joined.items | "Make the items' entities" >> beam.MapTuple(
        lambda item, lists: item_entity(item, lists, job)
    )
    model = (
        joined.items
        | "Take users" >> beam.MapTuple(lambda item, _: (item["users"], item["item"]))
        | "Find the popular" >> beam.CombineGlobally(count_and_popular())
        | "Make the model's entity" >> beam.MapTuple(lambda count, popular: model_entity(count, popular, job))
    )
    rejected = (neighbours[REJECTED], catalogue[REJECTED], joined[REJECTED])
    return (items, model) | "All entities" >> beam.Flatten(), rejected | "All dead letters" >> beam.Flatten()


def check(row: Row, source: str, fault_of: Callable[[Row], str | None]) -> Iterator[Any]:
    """The row, keyed by its item, or a dead letter."""
    reason = fault_of(row)
    yield TaggedOutput(REJECTED, dead_letter(source, reason, row)) if reason else (row["item"], row)


def join(grouped: tuple[str, dict[str, Iterable[Row]]]) -> Iterator[Any]:
    """An item's catalogue row with its neighbours by scenario. Leftover rows become dead letters.
    """
    found: dict[str, Row] = {}
    for source in ("catalogue", "neighbours"):
        # Sorted, so that the same one of two duplicates always wins.
        for row in sorted(grouped[1][source], key=json.dumps):
            place = row.get("scenario", "catalogue")
            if source == "neighbours" and "catalogue" not in found:
                yield TaggedOutput(REJECTED, dead_letter(source, "not_in_catalogue", row))
            elif place in found:
                yield TaggedOutput(REJECTED, dead_letter(source, "duplicate", row))
            else:
                found[place] = row
    if "catalogue" in found:
        yield found.pop("catalogue"), found


def count_and_popular() -> TupleCombineFn:
    """Combines (users, item) pairs: their number, and the first by popularity.

    Popularity means most users, then the id by its bytes.
    """
    # Python orders text by code points. That is also the order of UTF-8 bytes.
    popular = TopCombineFn(POPULAR_ITEMS, key=lambda pair: (-pair[0], pair[1]), reverse=True)
    return TupleCombineFn(CountCombineFn(), popular).with_common_input()
