"""head.json: the trained head and where it comes from."""

import json
from pathlib import Path

import numpy as np

PATH = Path(__file__).parent / "head.json"
# So many digits keep a probability within a few millionths.
DIGITS = 5


def read_head() -> tuple[np.ndarray, float]:
    """Weights and bias of the log-odds that a text is positive."""
    head = json.loads(PATH.read_text())
    return np.array([weight for layer in head["weights"] for weight in layer], np.float32), head["bias"]


def write_head(provenance: dict, layers: tuple[int, ...], weights: np.ndarray, bias: float) -> None:
    rows = [[rounded(weight) for weight in layer] for layer in weights.reshape(len(layers), -1)]
    head = {**provenance, "layers": layers, "bias": rounded(bias), "weights": rows}
    PATH.write_text(json.dumps(head, indent=2) + "\n")


def rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
