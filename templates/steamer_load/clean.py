"""mode=clean: deletes the entities of old models."""

from collections.abc import Iterator

import apache_beam as beam
from apache_beam.io.gcp.datastore.v1new.datastoreio import DeleteFromDatastore, ReadFromDatastore
from apache_beam.io.gcp.datastore.v1new.types import Entity, Key, Query

from steamer_load.counters import counted
from steamer_load.entities import MODEL_KIND, NEIGHBOURS_KIND, model_of
from steamer_load.parameters import CleanJob


def clean(pipeline: beam.Pipeline, job: CleanJob, ramp_up: bool) -> None:
    """Adds the steps of mode=clean. It reads keys only. The workers share them in parts."""
    keys = [
        pipeline
        | f"Read keys of {kind}"
        >> ReadFromDatastore(Query(kind, job.project, job.shop, projection=["__key__"]))
        for kind in (NEIGHBOURS_KIND, MODEL_KIND)
    ]
    (
        keys
        | "All keys" >> beam.Flatten()
        | "Choose" >> beam.FlatMap(stale, job.model, job.keep)
        | "Count deletions" >> beam.Map(counted, "deleted")
        | "Delete" >> DeleteFromDatastore(job.project, ramp_up, job.workers)
    )


def stale(entity: Entity, newest: str, keep: frozenset[str]) -> Iterator[Key]:
    """The entity's key, if its model is to be deleted.

    Foreign entities are counted and left alone. A newer model than the job's stays: a late job may
    run while that model is being loaded.
    """
    model = model_of(entity.key)
    if model is None:
        counted(entity, "rejected")
    elif model not in keep and age(model) < age(newest):
        yield entity.key


def age(model: str) -> tuple[str, int]:
    """A sort key for models: by day, then by number, as runs are ordered."""
    day, _, number = model.rpartition(".")
    return day, int(number)
