"""Logistic regression with an L2 penalty, by Newton's method."""

import numpy as np

# Some features of MiniLM never change.
LEAST_DEVIATION = 1e-3
STEPS, TOLERANCE = 50, 1e-9


def fit(features: np.ndarray, positive: np.ndarray, penalty: float) -> tuple[np.ndarray, float]:
    """Weights and bias of the log-odds. They minimise, over standardised features,

    mean(log(1 + exp(-y z))) + penalty / 2 * |w|²    with y = ±1, z = w x + b; b is not penalised.

    Raises ArithmeticError when that does not converge.
    """
    mean, deviation = features.mean(0), features.std(0) + LEAST_DEVIATION
    inputs = np.column_stack([(features - mean) / deviation, np.ones(len(features))])
    ridge = np.full(inputs.shape[1], penalty)
    ridge[-1] = 0
    solution = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        odds = probabilities(inputs @ solution)
        gradient = inputs.T @ (odds - positive) / len(inputs) + ridge * solution
        curvature = (inputs.T * (odds * (1 - odds) / len(inputs))) @ inputs + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        solution -= step
        if gradient @ step < TOLERANCE:
            weights = solution[:-1] / deviation
            return weights, float(solution[-1] - weights @ mean)
    raise ArithmeticError(f"no minimum was found within {STEPS} steps")


def probabilities(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))
