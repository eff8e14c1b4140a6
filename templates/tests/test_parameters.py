"""The parameters, and the agreement of metadata.json, the code and the contracts."""

import json
from datetime import UTC, datetime

import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from conftest import CONTRACTS

from steamer_load.counters import COUNTERS
from steamer_load.entities import MODEL_KIND, NEIGHBOURS_KIND, POPULAR_ITEMS
from steamer_load.parameters import METADATA, CleanJob, LoadJob, parse_job
from steamer_load.problem import Problem
from steamer_load.rows import MAX_ID_BYTES

LOAD = {
    "mode": "load",
    "project": "test-project",
    "shop": "demo",
    "workers": "2",
    "model": "2026-11-21.10",
    "neighbours": "gs://bucket/neighbours/*.parquet",
    "catalogue": "/data/catalogue/*.parquet",
    "tables": '{"similar": {"items": "items", "scores": "scores"}}',
    "deadLetters": "gs://bucket/dead-letters/rejected",
    "expireAt": "2027-02-19T03:00:00.250Z",
}
CLEAN = {
    "mode": "clean",
    "project": "test-project",
    "shop": "demo",
    "workers": "2",
    "model": "2026-11-21.1",
    "keep": "2026-11-20.1,2026-11-21.1",
}


def parse(given: dict[str, str], **changed: str) -> LoadJob | CleanJob:
    return parse_job(PipelineOptions([f"--{name}={value}" for name, value in {**given, **changed}.items()]))


def test_parameters_of_a_load_become_a_job() -> None:
    assert parse(LOAD) == LoadJob(
        project="test-project",
        shop="demo",
        workers=2,
        model="2026-11-21.10",
        neighbours="gs://bucket/neighbours/*.parquet",
        catalogue="/data/catalogue/*.parquet",
        tables={"similar": ("items", "scores")},
        dead_letters="gs://bucket/dead-letters/rejected",
        expire_at=datetime(2027, 2, 19, 3, 0, 0, 250_000, UTC),
    )


def test_parameters_of_a_cleaning_become_a_job() -> None:
    keep = frozenset(["2026-11-20.1", "2026-11-21.1"])
    assert parse(CLEAN) == CleanJob("test-project", "demo", 2, "2026-11-21.1", keep)


@pytest.mark.parametrize(
    ("given", "name"),
    [(LOAD, name) for name in LOAD] + [(CLEAN, name) for name in CLEAN],
)
def test_a_missing_or_empty_parameter_is_named(given: dict[str, str], name: str) -> None:
    for lacking in ({key: value for key, value in given.items() if key != name}, {**given, name: ""}):
        with pytest.raises(Problem, match=f"--{name} is missing"):
            parse(lacking)


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        (LOAD, "mode", "delete"),
        (LOAD, "shop", "Demo"),
        (LOAD, "shop", "a/b"),
        (LOAD, "shop", "demo\n"),
        (LOAD, "workers", "0"),
        (LOAD, "workers", "2.5"),
        (LOAD, "model", "2026-11-21"),
        (LOAD, "model", "2026-11-21.1:2"),
        (LOAD, "neighbours", "http://host/neighbours"),
        (LOAD, "catalogue", "catalogue.parquet"),
        (LOAD, "tables", "similar"),
        (LOAD, "tables", '{"similar": 3}'),
        (LOAD, "tables", '{"similar": {"items": "items"}}'),
        (LOAD, "tables", "{similar}"),
        (LOAD, "expireAt", "2027-02-19"),
        (LOAD, "expireAt", "2027-02-19T03:00:00+01:00"),
        (LOAD, "expireAt", "2027-02-30T03:00:00Z"),
        (CLEAN, "keep", ","),
        (CLEAN, "keep", "2026-11-20.1,"),
        (CLEAN, "keep", "2026-11-20.1 2026-11-21.1"),
    ],
)
def test_a_parameter_of_another_form_is_named_with_its_value(
    given: dict[str, str], name: str, value: str
) -> None:
    with pytest.raises(Problem) as raised:
        parse(given, **{name: value})
    assert f"--{name} is {value!r}" in str(raised.value) and "Next: " in str(raised.value)


def test_metadata_names_the_parameters_of_the_contract() -> None:
    contract = json.loads((CONTRACTS / "schemas/load-parameters.json").read_text())
    parameters = json.loads(METADATA.read_text())["parameters"]
    names = [each["name"] for each in parameters]
    assert sorted(names) == sorted(contract["properties"])
    required = [each["name"] for each in parameters if not each.get("isOptional")]
    assert sorted(required) == sorted(contract["required"])
    for each in parameters:
        assert set(each) <= {"name", "label", "helpText", "isOptional", "regexes"}
        assert each["label"] and each["helpText"] and len(each["regexes"]) == 1
    (mode,) = (each["regexes"][0] for each in parameters if each["name"] == "mode")
    assert mode == f"^({'|'.join(contract['properties']['mode']['enum'])})$"


def test_a_shop_is_named_as_in_the_settings() -> None:
    settings = json.loads((CONTRACTS / "schemas/settings.json").read_text())
    (shop,) = (each for each in json.loads(METADATA.read_text())["parameters"] if each["name"] == "shop")
    assert shop["regexes"] == [settings["properties"]["shop"]["pattern"]]


def test_the_code_agrees_with_the_contracts() -> None:
    def read(name: str) -> str:
        return (CONTRACTS / name).read_text()

    assert f'neighbours: "{NEIGHBOURS_KIND}"' in read("datastore.ts")
    assert f'model: "{MODEL_KIND}"' in read("datastore.ts")
    assert f"POPULAR_ITEMS = {POPULAR_ITEMS};" in read("datastore.ts")
    assert f"MAX_ID_BYTES = {MAX_ID_BYTES};" in read("interactions.ts")
    assert f"LOAD_COUNTERS = {json.dumps(COUNTERS)}" in read("jobs.ts")
