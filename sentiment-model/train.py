"""Trains the head, measures it, and writes head.json: train.py <folder of the data>."""

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from crossvalidate import INNER_FOLDS, SEED, accuracy, best_penalty, folds, unseen_domain
from encoder import SEEN
from features import features
from head import PATH, write_head
from logistic import fit
from minilm import PACKAGE, SHA256
from sentences import FILES, read_sentences

DATA = {
    "name": "Sentiment Labelled Sentences, UCI Machine Learning Repository",
    "source": "Kotzias et al., From Group to Individual Labels using Deep Features, KDD 2015",
    "licence": "CC BY 4.0",
}
PACKAGES = ("numpy", "onnx", "onnxruntime", "tokenizers")


def main(folder: Path) -> None:
    sentences = read_sentences(folder)
    positive = np.array([sentence.positive for sentence in sentences])
    progress(f"Computing the features of {len(sentences)} sentences (a minute) ...")
    inputs = features(sentences)
    penalty = best_penalty(inputs, positive, folds(sentences, INNER_FOLDS, SEED))
    progress(f"Training with the penalty {penalty} ...")
    weights, bias = fit(inputs, positive, penalty)
    progress("Cross-validating (minutes) ...")
    measured = {"halves": accuracy(sentences, inputs), "unseen": unseen_domain(sentences, inputs)}
    hashes = {name: sha256(folder / name) for name in FILES.values()}
    provenance = {
        "base": {"package": f"{PACKAGE} {version(PACKAGE)}", "sha256": SHA256["model.safetensors"]},
        "data": {**DATA, "sentences": len(sentences), "sha256": hashes},
        "training": {"seed": SEED, "penalty": penalty, "packages": {name: version(name) for name in PACKAGES}},
        "accuracy": measured,
    }
    write_head(provenance, SEEN, weights, bias)
    progress(f"{PATH} is written.")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
