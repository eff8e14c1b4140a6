import pytest
from conftest import Shop, golden


@pytest.mark.parametrize("case", golden("similarity"), ids=lambda case: case["name"])
def test_the_job_finds_the_golden_neighbours(case: dict, shop: Shop):
    shop.day([(user, item, event, count, 0) for user, item, event, count in case["interactions"]])
    shop.run(case["options"])
    expected = {item: [tuple(pair) for pair in pairs] for item, pairs in case["neighbours"].items() if pairs}
    assert shop.neighbours() == expected
