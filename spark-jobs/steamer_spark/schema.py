"""Checks a value against a JSON Schema.

It knows the part of the language that our contracts use, and refuses the rest.
"""

import re
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
}
ANNOTATIONS = {"$schema", "title", "description"}
RULES = {
    "type",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "minItems",
    "maxItems",
    "enum",
    "pattern",
}


def violation(schema: dict[str, Any], value: Any, path: str = "") -> str | None:
    """The value's first fault, such as "options.cap: must be integer"; None when it fits.

    Raises NotImplementedError for a schema with an unknown rule.
    """
    if unknown := set(schema) - ANNOTATIONS - RULES:
        raise NotImplementedError(f"JSON Schema rules {sorted(unknown)}")
    place = path or "the request"
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or isinstance(value, bool) != (kind == "boolean")):
        return f"{place}: must be {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{place}: must be one of {', '.join(schema['enum'])}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return f"{place}: must match {schema['pattern']}"
    if isinstance(value, list):
        return list_violation(schema, value, place)
    if isinstance(value, dict):
        return object_violation(schema, value, path)
    return None


def list_violation(schema: dict[str, Any], value: list[Any], place: str) -> str | None:
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
    if not least <= len(value) <= most:
        return f"{place}: must have {least} to {most} entries, has {len(value)}"
    found = (violation(schema["items"], entry, f"{place}[{k}]") for k, entry in enumerate(value))
    return next((wrong for wrong in found if wrong), None)


def object_violation(schema: dict[str, Any], value: dict[str, Any], path: str) -> str | None:
    properties = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            return f"{path or 'the request'}: '{name}' is missing"
    for name, entry in value.items():
        if name not in properties:
            if schema.get("additionalProperties", True):
                continue
            return f"{path or 'the request'}: '{name}' is unknown"
        if wrong := violation(properties[name], entry, f"{path}.{name}".lstrip(".")):
            return wrong
    return None
