"""What the job is asked for: `SimilarityRequest` of contracts/jobs.ts, checked at the door."""

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from steamer_spark.problem import Problem
from steamer_spark.schema import violation

SCHEMA = "similarity-request.json"


@dataclass(frozen=True)
class Options:
    """What defines a similarity; docs/configuration.md describes each. `gamma` None: from the threshold."""

    mode: str
    vectors: str
    event_weights: dict[str, float]
    cap: int
    min_support: int
    shrinkage: float
    alpha: float
    top: int
    threshold: float
    seed: int
    gamma: float | None

    @property
    def weighted(self) -> bool:
        return self.vectors == "weighted"

    @property
    def sampled(self) -> bool:
        return self.mode == "dimsum"


@dataclass(frozen=True)
class Request:
    shop: str
    run: str
    interactions: list[str]
    items: list[str]
    output: str
    # The tables that are asked for: the events of each, and its options.
    scenarios: dict[str, list[str]]
    options: dict[str, Options]


def parse_request(text: str) -> Request:
    """Raises Problem when the text is not JSON, or not a request."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise refusal(f"it is not JSON: {error}") from error
    if wrong := violation(schema(), value):
        raise refusal(wrong)
    own = value.pop("tables", {})
    tables = {name: options(value["options"] | own.get(name, {})) for name in value["scenarios"]}
    return Request(**{**value, "options": tables})


def options(value: dict[str, Any]) -> Options:
    return Options(
        **{
            name: value[name]
            for name in ("mode", "vectors", "cap", "shrinkage", "alpha", "top", "threshold", "seed")
        },
        event_weights=value["eventWeights"],
        min_support=value["minSupport"],
        gamma=value.get("gamma"),
    )


def schema() -> dict[str, Any]:
    """Beside this file where the package was packed, in contracts/ where it was not."""
    packed = files("steamer_spark").joinpath(SCHEMA)
    if packed.is_file():
        return json.loads(packed.read_text())
    return json.loads((Path(__file__).parents[2] / "contracts/schemas" / SCHEMA).read_text())


def refusal(why: str) -> Problem:
    return Problem(
        "Reading --request", why, "see SimilarityRequest in contracts/jobs.ts; the similarity stage writes it"
    )
