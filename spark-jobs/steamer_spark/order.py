"""The project's only rounding: core/text/order.ts, for arrays."""

import numpy as np

# Scores are stored in 31 bits: up to 2,147.483647. Only weighted vectors with alpha other than 0.5
# can reach it.
MOST = 2**31 - 1


def millionths(score: np.ndarray) -> np.ndarray:
    """Scores (float64) in millionths (int64): to the nearest, halves to even, at most MOST.

    Values within 1e-12 of a half count as half. So engines that multiply in another order still
    agree.
    """
    value = score * 1e6
    floor = np.floor(value)
    above = value - floor - 0.5
    up = (above > 1e-6) | ((above >= -1e-6) & (floor % 2 == 1))
    return np.minimum(floor + up, MOST).astype(np.int64)
