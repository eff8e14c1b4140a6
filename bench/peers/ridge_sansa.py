"""SANSA (Spišák and others, "Scalable Approximate NonSymmetric Autoencoder", 2023): an approximate,
sparse inverse. It keeps as many weights as 50 neighbours an item.

It orders items by COLAMD, of SuiteSparse, through scikit-sparse. Where that is not installed, items
are ordered by growing number of users here, which is what such orderings begin with. The rest is
SANSA's own.
"""

import logging
import sys
from types import ModuleType

import numpy as np
import scipy.sparse as sp
from ridge_data import main

try:
    import sksparse.cholmod  # noqa: F401
except ImportError:

    class Ordering:
        def __init__(self, items_by_users, **_):
            self.users = np.bincount(items_by_users.tocsc().indices, minlength=items_by_users.shape[0])

        def P(self):  # noqa: N802
            return np.argsort(self.users, kind="stable")

    cholmod = ModuleType("sksparse.cholmod")
    cholmod.analyze_AAt = Ordering
    sys.modules["sksparse"] = ModuleType("sksparse")
    sys.modules["sksparse"].cholmod = sys.modules["sksparse.cholmod"] = cholmod

from sansa import ICFGramianFactorizerConfig, SANSA, SANSAConfig, UMRUnitLowerTriangleInverterConfig

logging.disable(logging.INFO)
NEIGHBOURS = 50
# Of 1, 5, 20 and 100 the best on the split of RetailRocket.
REGULARIZATION = 100.0


def compute(matrix, threads):
    config = SANSAConfig(
        l2=REGULARIZATION,
        weight_matrix_density=NEIGHBOURS / matrix.shape[1],
        gramian_factorizer_config=ICFGramianFactorizerConfig(),
        lower_triangle_inverter_config=UMRUnitLowerTriangleInverterConfig(),
    )
    return SANSA(config).fit(matrix)


def score(model):
    return lambda rows: model.forward(rows).toarray()


if __name__ == "__main__":
    # Before the clock starts, numba compiles SANSA's loops.
    compute(sp.random(2000, 1000, 0.01, "csr", np.float32, np.random.default_rng(1)), 1)
    main(compute, score)
