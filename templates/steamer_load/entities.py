"""The entities of a model, as contracts/datastore.ts describes them.

golden/entities.json has examples.
"""

import re
from typing import Any

from apache_beam.io.gcp.datastore.v1new.types import Entity, Key

from steamer_load.parameters import PATTERNS, LoadJob
from steamer_load.rows import Row

NEIGHBOURS_KIND = "Neighbours"
MODEL_KIND = "Model"
POPULAR_ITEMS = 1000


def item_entity(item: Row, lists: dict[str, Row], job: LoadJob) -> Entity:
    """The entity of an item: its catalogue row, and its rows of neighbours by scenario."""
    properties = {name: item[name] for name in ("name", "category", "price", "available", "users")}
    for scenario, (items, scores) in job.tables.items():
        neighbours = lists[scenario]["neighbours"] if scenario in lists else []
        properties[items] = [each["item"] for each in neighbours]
        properties[scores] = [each["score"] for each in neighbours]
    # An id has at most 256 bytes, a model's name at most 17. A key's name may have 1,500 bytes.
    return entity(NEIGHBOURS_KIND, f"{item['item']}:{job.model}", properties, job)


def model_entity(items: int, popular: list[tuple[int, str]], job: LoadJob) -> Entity:
    """The entity of the model itself.

    `popular` has the first (users, item) pairs by popularity.
    """
    properties = {
        "items": items,
        "popular": [item for _, item in popular],
        "users": [users for users, _ in popular],
    }
    return entity(MODEL_KIND, job.model, properties, job)


def entity(kind: str, name: str, properties: dict[str, Any], job: LoadJob) -> Entity:
    properties = {**properties, "expireAt": job.expire_at}
    made = Entity(
        Key([kind, name], project=job.project, namespace=job.shop), exclude_from_indexes=tuple(properties)
    )
    made.set_properties(properties)
    return made


def model_of(key: Key) -> str | None:
    """The model of a key, or None if the key is foreign. Ids may contain colons, models do not."""
    kind, name = key.path_elements[-2:]
    if not isinstance(name, str) or (kind == NEIGHBOURS_KIND and ":" not in name):
        return None
    model = name.rpartition(":")[2] if kind == NEIGHBOURS_KIND else name
    return model if re.fullmatch(PATTERNS["model"], model) else None
