"""What the OpenAPI description cannot say: an id has at most 256 bytes, not characters; a review is
text, without halves of surrogate pairs; popular items are those of a category or of a scope.
"""

import itertools
from urllib.parse import unquote

import schemathesis

MAX_ID_BYTES = 256
LISTS = ("browsed", "basket", "purchased", "exclude")


def is_short(id):
    return not isinstance(id, str) or len(id.encode("utf-8", "surrogatepass")) <= MAX_ID_BYTES


def fits(value):
    """A repeated parameter has an id each time; one text has several, with commas."""
    if isinstance(value, list):
        return all(is_short(each) for each in value)
    return not isinstance(value, str) or all(is_short(part) for part in value.split(","))


def is_text(value):
    try:
        return not isinstance(value, str) or value.encode() is not None
    except UnicodeEncodeError:
        return False


numbers = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """The key of one review must not come with another, nor a scope of popular items with a category."""
    is_valid = case.meta is None or case.meta.generation.mode.is_positive
    if is_valid and "idempotency-key" in (case.headers or {}):
        case.headers["idempotency-key"] = f"key-{next(numbers)}"
    if is_valid and case.operation.path == "/popular" and "category" in (case.query or {}):
        case.query.pop("scope", None)


@schemathesis.hook
def filter_case(context, case):
    """An event that does not fit is refused alone: with others beside it the request is answered."""
    is_valid = case.meta is None or case.meta.generation.mode.is_positive
    if is_valid or case.operation.path != "/events" or not isinstance(case.body, dict):
        return True
    events = case.body.get("events")
    return not (isinstance(events, list) and len(events) > 1)


@schemathesis.hook
def filter_query(context, query):
    return all(fits(value) for value in (query or {}).values())


@schemathesis.hook
def filter_path_parameters(context, path_parameters):
    values = (path_parameters or {}).values()
    return all(fits(unquote(value) if isinstance(value, str) else value) for value in values)


@schemathesis.hook
def filter_body(context, body):
    if not isinstance(body, dict):
        return True
    is_review = "stars" in body
    one = [body.get("user"), body.get("item")] if is_review else []
    # No list: a comma is part of an id.
    short = all(map(is_short, one))
    texts = [*one, body.get("text")] if is_review else []
    return short and all(map(is_text, texts)) and all(fits(body.get(name)) for name in LISTS)
