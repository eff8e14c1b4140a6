import json

import pytest
from conftest import DEFAULTS, SCENARIOS

from steamer_spark.problem import Problem
from steamer_spark.request import parse_request

REQUEST = {
    **{"shop": "tea", "run": "2026-11-21.1", "interactions": ["gs://b/day=1/"], "items": ["/tmp/day=1/"]},
    **{"output": "gs://b/m/", "scenarios": SCENARIOS, "options": DEFAULTS},
}


def test_a_request_is_read():
    request = parse_request(json.dumps(REQUEST))
    assert request.options["similar"].min_support == 1
    assert request.options["together"].gamma is None
    sampled = parse_request(json.dumps(REQUEST | {"options": DEFAULTS | {"gamma": 7}}))
    assert [options.gamma for options in sampled.options.values()] == [7, 7]


def test_a_table_may_have_options_of_its_own():
    request = parse_request(json.dumps(REQUEST | {"tables": {"together": {"shrinkage": 0, "top": 5}}}))
    assert (request.options["similar"].shrinkage, request.options["similar"].top) == (5, 50)
    assert (request.options["together"].shrinkage, request.options["together"].top) == (0, 5)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"shop": 3}, "shop: must be string"),
        ({"interactions": []}, "interactions: must have 1 to 3660 entries, has 0"),
        ({"interactions": ["gs://b/no-slash"]}, "interactions[0]: must match "),
        ({"options": DEFAULTS | {"cap": 0.5}}, "options.cap: must be integer"),
        ({"options": DEFAULTS | {"cap": True}}, "options.cap: must be integer"),
        ({"options": DEFAULTS | {"mode": "quick"}}, "options.mode: must be one of exact, dimsum"),
        ({"options": {k: v for k, v in DEFAULTS.items() if k != "top"}}, "options: 'top' is missing"),
        ({"scenarios": SCENARIOS | {"similar": ["click"]}}, "scenarios.similar[0]: must be one of view_item"),
        ({"tables": {"similar": {"cap": 0.5}}}, "tables.similar.cap: must be integer"),
        ({"als": {"factors": 64}}, "als: 'iterations' is missing"),
        ({"colour": "red"}, "the request: 'colour' is unknown"),
    ],
)
def test_a_wrong_request_is_refused_by_name(change: dict, why: str):
    with pytest.raises(Problem) as refused:
        parse_request(json.dumps(REQUEST | change))
    assert refused.value.why.startswith(why)


def test_what_is_not_json_is_refused():
    with pytest.raises(Problem, match="Reading --request: it is not JSON"):
        parse_request("{'shop': 1}")
