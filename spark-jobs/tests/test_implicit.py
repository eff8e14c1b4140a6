"""implicit reaches the golden losses too, where its objective is ours: docs/ARCHITECTURE.md."""

from typing import Any

import numpy as np
import pytest
from conftest import golden
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits


@pytest.mark.parametrize("case", golden("factors"), ids=lambda case: case["name"])
def test_implicit_reaches_the_golden_loss(case: dict[str, Any]):
    als, v = case["als"], weights(case)
    w, n = als["unobserved"], np.count_nonzero(v, axis=0)[0]
    # It does not count a row's entries. Where all rows have as many, that is one factor.
    assert {*np.count_nonzero(v, axis=0), *np.count_nonzero(v, axis=1)} == {n}
    regularization = als["regularization"] * n ** als["exponent"]
    # BLAS must not have threads of its own beside implicit's.
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=als["factors"],
            iterations=als["iterations"],
            regularization=regularization / w,
            alpha=1.0,
            use_cg=False,
            num_threads=1,
            random_state=als["seed"],
        )
        model.fit(csr_matrix(np.where(v > 0, (w + v) / w, 0)), show_progress=False)
    x, y = model.user_factors.astype(float), model.item_factors.astype(float)
    loss = np.where(v > 0, w + v, w) * ((v > 0) - x @ y.T) ** 2
    found = loss.sum() + regularization * ((x**2).sum() + (y**2).sum())
    assert found == pytest.approx(case["loss"], rel=1e-4)


def weights(case: dict[str, Any]) -> np.ndarray:
    """The weight v of each user and item."""
    users, items = (sorted({row[column] for row in case["interactions"]}) for column in (0, 1))
    v = np.zeros((len(users), len(items)))
    for user, item, event, count in case["interactions"]:
        v[users.index(user), items.index(item)] += case["als"]["eventWeights"][event] * count
    return v
