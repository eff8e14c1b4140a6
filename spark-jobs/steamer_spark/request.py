"""The job's request, checked on arrival: `SimilarityRequest` of contracts/jobs.ts."""

import json
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from steamer_spark.problem import Problem
from steamer_spark.schema import violation

SCHEMA = "similarity-request.json"


@dataclass(frozen=True)
class Options:
    """The knobs of a table; docs/configuration.md describes each.

    `gamma` None: it follows from the threshold.
    """

    method: str
    mode: str
    vectors: str
    event_weights: dict[str, float]
    cap: int
    min_support: int
    shrinkage: float
    alpha: float
    window: int
    distance_decay: float
    backward: float
    candidates: int
    regularization: float
    own_share: float
    co_counts: int
    top: int
    threshold: float
    seed: int
    gamma: float | None

    @property
    def weighted(self) -> bool:
        return self.vectors == "weighted"

    @property
    def ordered(self) -> bool:
        """Whether histories count in the order of time."""
        return self.method != "cosine"

    @property
    def solved(self) -> bool:
        return self.method == "ridge"

    @property
    def sampled(self) -> bool:
        return self.mode == "dimsum"


@dataclass(frozen=True)
class Als:
    """The knobs of factors; docs/configuration.md describes each."""

    factors: int
    iterations: int
    regularization: float
    exponent: float
    unobserved: float
    event_weights: dict[str, float]
    seed: int


@dataclass(frozen=True)
class Scopes:
    """What scopes of users are listed: of at least so many users, so many at most, and so many
    items of each.
    """

    min_users: int
    most: int
    items: int


@dataclass(frozen=True)
class People:
    """The rules of who is who: PeopleRules of contracts/jobs.ts."""

    link_devices: bool
    users_of_device: int
    robot_items: int
    robot_views: int
    robot_micros: int


@dataclass(frozen=True)
class Buyers:
    """By whom a day is judged: so many who bought on it, and as many who filled a basket."""

    day: str
    most: int


@dataclass(frozen=True)
class Reviews:
    """The folder of the ReviewRows, and how much they count."""

    folder: str
    weight: float
    penalty: float


@dataclass(frozen=True)
class Request:
    shop: str
    run: str
    interactions: list[str]
    items: list[str]
    output: str
    # The requested tables: the events of each, and its knobs.
    scenarios: dict[str, list[str]]
    options: dict[str, Options]
    # None: all users count as they are.
    people: People | None
    # None: nobody judges the last day.
    buyers: Buyers | None
    # None: the interactions name no scopes.
    scopes: Scopes | None
    # None: there are no reviews.
    reviews: Reviews | None
    # None: no factors are asked for.
    als: Als | None


def parse_request(text: str) -> Request:
    """Parses the request. Raises Problem when the text is not JSON, or does not fit the schema."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise refusal(f"it is not JSON: {error}") from error
    if wrong := violation(schema(), value):
        raise refusal(wrong)
    own = value.pop("tables", {})
    tables = {name: options(value["options"] | own.get(name, {})) for name in value["scenarios"]}
    als = als_of(value["als"]) if "als" in value else None
    scopes = scopes_of(value["scopes"]) if "scopes" in value else None
    reviews = Reviews(**value["reviews"]) if "reviews" in value else None
    people = people_of(value["people"]) if "people" in value else None
    buyers = Buyers(**value["buyers"]) if "buyers" in value else None
    found = {"people": people, "buyers": buyers, "scopes": scopes, "reviews": reviews, "als": als}
    return Request(**{**value, "options": tables, **found})


def options(value: dict[str, Any]) -> Options:
    return Options(
        **{
            name: value[name]
            for name in (
                *("method", "mode", "vectors", "cap", "shrinkage", "alpha", "window", "backward"),
                *("candidates", "regularization", "top", "threshold", "seed"),
            )
        },
        distance_decay=value["distanceDecay"],
        own_share=value["ownShare"],
        co_counts=value["coCounts"],
        event_weights=value["eventWeights"],
        min_support=value["minSupport"],
        gamma=value.get("gamma"),
    )


def als_of(value: dict[str, Any]) -> Als:
    names = (field.name for field in fields(Als) if field.name != "event_weights")
    return Als(event_weights=value["eventWeights"], **{name: value[name] for name in names})


def people_of(value: dict[str, Any]) -> People:
    return People(
        link_devices=value["linkDevices"],
        users_of_device=value["usersOfDevice"],
        robot_items=value["robotItems"],
        robot_views=value["robotViews"],
        robot_micros=value["robotMicros"],
    )


def scopes_of(value: dict[str, int]) -> Scopes:
    return Scopes(min_users=value["minUsers"], most=value["most"], items=value["items"])


def schema() -> dict[str, Any]:
    """The request's schema. A packed job has it beside this file, a checkout has it in contracts/.
    """
    packed = files("steamer_spark").joinpath(SCHEMA)
    if packed.is_file():
        return json.loads(packed.read_text())
    return json.loads((Path(__file__).parents[2] / "contracts/schemas" / SCHEMA).read_text())


def refusal(why: str) -> Problem:
    return Problem(
        "Reading --request", why, "see SimilarityRequest in contracts/jobs.ts; the similarity stage writes it"
    )
