"""The template's parameters.

metadata.json defines them for Dataflow and this package, according to contracts/jobs.ts.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions

from steamer_load.problem import Problem

METADATA = Path(__file__).parent.parent / "metadata.json"
PATTERNS: dict[str, str] = {
    parameter["name"]: parameter["regexes"][0] for parameter in json.loads(METADATA.read_text())["parameters"]
}
DOING = "Reading the load job's parameters"


@dataclass(frozen=True)
class LoadJob:
    """Writes the entities of one model."""

    project: str
    shop: str
    """The namespace."""
    workers: int
    """Number of workers that write."""
    model: str
    neighbours: str
    """File pattern."""
    catalogue: str
    """File pattern."""
    dead_letters: str
    """Prefix of the files of rejected rows."""
    tables: dict[str, tuple[str, str]]
    """The properties of an item's entity, for each table: one for its neighbours, one for their
    scores.
    """
    expire_at: datetime
    """Time from which Datastore's TTL policy may delete the entities."""


@dataclass(frozen=True)
class CleanJob:
    """Deletes the entities of models older than the job's own, except those to keep."""

    project: str
    shop: str
    workers: int
    model: str
    keep: frozenset[str]


class LoadOptions(PipelineOptions):
    """The parameters as Beam's own options, so that Dataflow shows them beside the job."""

    @classmethod
    def _add_argparse_args(cls, parser) -> None:
        for name in PATTERNS:
            parser.add_argument(f"--{name}")


def parse_job(options: PipelineOptions) -> LoadJob | CleanJob:
    """The job that the options describe.

    Raises:
        Problem: a parameter of the mode is missing, or does not fit metadata.json.
    """
    given = options.view_as(LoadOptions)
    mode = text(given, "mode")
    # Beam's own option. Dataflow's launcher passes it on, so the template has no such parameter.
    project = options.view_as(GoogleCloudOptions).project
    if not project:
        raise missing("project")
    target = {"project": project, "shop": text(given, "shop"), "workers": int(text(given, "workers"))}
    if mode == "clean":
        return CleanJob(**target, model=text(given, "model"), keep=frozenset(text(given, "keep").split(",")))
    return LoadJob(
        **target,
        model=text(given, "model"),
        neighbours=text(given, "neighbours"),
        catalogue=text(given, "catalogue"),
        dead_letters=text(given, "deadLetters"),
        tables=tables(given, "tables"),
        expire_at=time(given, "expireAt"),
    )


def text(options: LoadOptions, name: str) -> str:
    value = getattr(options, name)
    if not value:
        raise missing(name)
    if not re.fullmatch(PATTERNS[name], value):
        raise Problem(DOING, f"--{name} is {value!r}, which does not match {PATTERNS[name]}", "correct it")
    return value


def time(options: LoadOptions, name: str) -> datetime:
    value = text(options, name)
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise Problem(DOING, f"--{name} is {value!r}, which is no time ({error})", "correct it") from error


def tables(options: LoadOptions, name: str) -> dict[str, tuple[str, str]]:
    value = text(options, name)
    try:
        return {table: (str(each["items"]), str(each["scores"])) for table, each in json.loads(value).items()}
    except (ValueError, TypeError, KeyError) as error:
        wanted = '{"<table>": {"items": "<property>", "scores": "<property>"}}'
        raise Problem(DOING, f"--{name} is {value!r}, not {wanted}", "correct it") from error


def missing(name: str) -> Problem:
    return Problem(DOING, f"--{name} is missing", "give it; templates/README.md lists what each mode needs")
