"""The entities of rows, without a Datastore."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import apache_beam as beam
from apache_beam.io.gcp.datastore.v1new.types import Entity
from apache_beam.testing.util import assert_that, is_empty
from conftest import Files, item, load_job

from steamer_load.load import make_entities


def described(entity: Entity) -> dict[str, Any]:
    """An entity as golden/entities.json describes it."""
    kind, name = entity.key.path_elements
    assert entity.exclude_from_indexes == set(entity.properties)
    return {"kind": kind, "name": name, "properties": entity.properties}


def check_entities(files: Files, matcher: Callable[[list[Entity]], None], **more: str) -> None:
    """Builds the entities of the files. No row may be rejected."""
    with beam.Pipeline(runner="FnApiRunner") as pipeline:
        entities, dead_letters = make_entities(pipeline, load_job(files, **more))
        assert_that(entities, matcher, label="entities")
        assert_that(dead_letters, is_empty(), label="dead letters")


def test_golden_rows_become_the_golden_entities(files: Files, golden: dict[str, Any]) -> None:
    files.write(golden["neighbours"], golden["catalogue"])
    wanted = {each["name"]: each for each in golden["entities"]}
    for each in wanted.values():
        each["properties"]["expireAt"] = datetime.fromisoformat(golden["expireAt"])

    def check(entities: list[Entity]) -> None:
        assert {entity.key.path_elements[-1]: described(entity) for entity in entities} == wanted

    check_entities(files, check, model=golden["model"], expireAt=golden["expireAt"])


def test_the_popular_are_a_thousand_at_most_and_ties_go_by_the_bytes_of_the_id(files: Files) -> None:
    # By UTF-16, as JavaScript sorts, the umbrella would come before the tilde.
    first = [item("b", users=9), item("z", users=8), item("～", users=8), item("🌂", users=8)]
    files.write([], [*first, *[item(f"item-{n:04}") for n in range(1500)]])

    def check(entities: list[Entity]) -> None:
        (model,) = (entity for entity in entities if entity.key.path_elements[0] == "Model")
        assert model.properties["items"] == 1504
        assert model.properties["popular"] == ["b", "z", "～", "🌂", *[f"item-{n:04}" for n in range(996)]]
        assert model.properties["users"] == [9, 8, 8, 8, *[1] * 996]

    check_entities(files, check)


def test_an_empty_catalogue_makes_a_model_of_no_items(files: Files) -> None:
    files.write([], [])

    def check(entities: list[Entity]) -> None:
        (model,) = entities
        assert (model.properties["items"], model.properties["popular"]) == (0, [])

    check_entities(files, check)
