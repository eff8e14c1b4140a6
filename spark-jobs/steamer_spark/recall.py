"""Recall of sampling: core/tables/cosine/recall.ts."""

import numpy as np

from steamer_spark.kernel import block_neighbours
from steamer_spark.matrix import Matrix
from steamer_spark.request import Options


def recall_of_sample(exact: Matrix, sampled: Matrix, options: Options, sample: int = 200) -> float:
    """The share of the exact neighbours that the sampled matrix finds too.

    It is measured on `sample` items or a few more. They are taken at even steps of popularity
    (ties: the smaller item), so that popular and rare items count alike.
    """
    users = np.diff(exact.column_start)
    by_popularity = np.lexsort((np.arange(exact.items), -users))
    hits = wanted = 0
    for item in by_popularity[:: max(1, exact.items // sample)]:
        best = block_neighbours(exact, item, item + 1, options)[1]
        wanted += len(best)
        hits += len(np.intersect1d(best, block_neighbours(sampled, item, item + 1, options)[1]))
    return hits / wanted if wanted else 1.0
