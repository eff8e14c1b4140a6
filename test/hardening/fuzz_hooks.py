"""What the OpenAPI description cannot say: an id has at most 256 bytes, not characters."""

from urllib.parse import unquote

import schemathesis

MAX_ID_BYTES = 256
LISTS = ("browsed", "basket", "purchased", "exclude")


def fits(value):
    if isinstance(value, list):
        return all(fits(each) for each in value)
    if not isinstance(value, str):
        return True
    return all(len(part.encode("utf-8", "surrogatepass")) <= MAX_ID_BYTES for part in value.split(","))


@schemathesis.hook
def filter_query(context, query):
    return all(fits(value) for value in (query or {}).values())


@schemathesis.hook
def filter_path_parameters(context, path_parameters):
    values = (path_parameters or {}).values()
    return all(fits(unquote(value) if isinstance(value, str) else value) for value in values)


@schemathesis.hook
def filter_body(context, body):
    return not isinstance(body, dict) or all(fits(body.get(name)) for name in LISTS)
