"""How many sentences the head has right that it was not trained on. No choice sees what it is measured on."""

from collections.abc import Iterator

import numpy as np
from logistic import fit, probabilities
from sentences import FILES, Sentence, same_text

# Halves of several random splits: one split alone is a matter of a percentage point.
SPLITS = 5
SEED = 1
PENALTIES = (0.05, 0.1, 0.2)
INNER_FOLDS = 3


def folds(sentences: list[Sentence], count: int, seed: int) -> np.ndarray:
    """The fold of each sentence, by chance. Sentences with the same text are in the same fold."""
    texts = [same_text(sentence) for sentence in sentences]
    groups = sorted(set(texts))
    fold_of = dict(zip(groups, np.random.default_rng(seed).permutation(len(groups)) % count))
    return np.array([fold_of[text] for text in texts])


def best_penalty(inputs: np.ndarray, positive: np.ndarray, fold: np.ndarray) -> float:
    """The penalty with the lowest mean loss on the folds that were left out."""
    return min(PENALTIES, key=lambda penalty: left_out_loss(inputs, positive, fold, penalty))


def left_out_loss(inputs: np.ndarray, positive: np.ndarray, fold: np.ndarray, penalty: float) -> float:
    losses = np.empty(len(inputs))
    for number in np.unique(fold):
        test = fold == number
        weights, bias = fit(inputs[~test], positive[~test], penalty)
        chance = probabilities(inputs[test] @ weights + bias)
        losses[test] = -np.log(np.where(positive[test], chance, 1 - chance))
    return float(losses.mean())


def right(inputs: np.ndarray, positive: np.ndarray, inner: np.ndarray, test: np.ndarray) -> np.ndarray:
    """For each sentence of the test, whether a head that was trained on all others has it right."""
    train = ~test
    penalty = best_penalty(inputs[train], positive[train], inner[train])
    weights, bias = fit(inputs[train], positive[train], penalty)
    return (inputs[test] @ weights + bias > 0) == positive[test]


def halves(sentences: list[Sentence], inputs: np.ndarray) -> Iterator[np.ndarray]:
    """For each split, whether each sentence is classified rightly by a head of the other half."""
    positive = np.array([sentence.positive for sentence in sentences])
    for split in range(SPLITS):
        half, inner = folds(sentences, 2, SEED + split), folds(sentences, INNER_FOLDS, SEED + SPLITS + split)
        result = np.empty(len(sentences), bool)
        for number in (0, 1):
            result[half == number] = right(inputs, positive, inner, half == number)
        yield result


def accuracy(sentences: list[Sentence], inputs: np.ndarray) -> dict[str, list[float]]:
    """By domain, the accuracy of each split."""
    domain = np.array([sentence.domain for sentence in sentences])
    results = list(halves(sentences, inputs))
    return {name: [round(float(result[domain == name].mean()), 4) for result in results] for name in FILES}


def unseen_domain(sentences: list[Sentence], inputs: np.ndarray) -> dict[str, float]:
    """By domain, the accuracy of a head that was trained on the two others alone."""
    domain = np.array([sentence.domain for sentence in sentences])
    positive = np.array([sentence.positive for sentence in sentences])
    inner = folds(sentences, INNER_FOLDS, SEED)
    return {name: round(float(right(inputs, positive, inner, domain == name).mean()), 4) for name in FILES}
