"""Optuna on the functions of test/core/tuning/functions.ts, or on a program that answers points by lines.

    tune.py <function> <trials> <seeds> <sampler>
    tune.py - ...    asks: a line of JSON out for each point, a line with its value back

Prints one line of JSON: the best value of each seed. The space comes in TUNE_SPACE.
"""

import json
import math
import os
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

ALPHA = [1, 1.2, 3, 3.2]
A = [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
]
P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def branin(p):
    x, y = p["x"], p["y"]
    valley = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return -(valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10)


def hartmann6(p):
    x = [p[name] for name in "abcdef"]
    distance = lambda k: sum(A[k][j] * (x[j] - P[k][j]) ** 2 for j in range(6))
    return sum(ALPHA[k] * math.exp(-distance(k)) for k in range(4))


def learning(p):
    effective = math.log10(p["rate"] / (1.05 - p["momentum"]))
    scale = math.log10(p["decay"]) + 3
    return -((effective + 1.5) ** 2 + 0.3 * scale**2 + 0.05 * (p["depth"] - 6) ** 2)


def methods(p):
    shared = 2 * (p["common"] - 0.7) ** 2
    if p["method"] == "first":
        return -(shared + 0.1 + 2 * (p["width"] - 0.2) ** 2)
    return -(shared + 0.3 * (math.log10(p["reach"]) - 1.7) ** 2 + 2 * (p["tilt"] - 0.8) ** 2)


def asked(point):
    print(json.dumps(point), flush=True)
    return float(sys.stdin.readline())


def suggest(trial, name, dimension):
    kind = dimension["kind"]
    if kind == "choice":
        return trial.suggest_categorical(name, dimension["values"])
    if kind == "grid":
        values = dimension["values"]
        return values[trial.suggest_int(name, 0, len(values) - 1)]
    low, high, log = dimension["low"], dimension["high"], dimension.get("log", False)
    if dimension.get("integer"):
        return trial.suggest_int(name, low, high, log=log)
    return trial.suggest_float(name, low, high, log=log)


def main():
    function, trials, seeds, sampler = sys.argv[1:5]
    space = json.loads(os.environ["TUNE_SPACE"])
    names = sorted(space, key=lambda name: "when" in space[name])

    def objective(trial):
        point = {}
        for name in names:
            when = space[name].get("when")
            if when is None or point[when["knob"]] in when["is"]:
                point[name] = suggest(trial, name, space[name])
        return asked(point) if function == "-" else globals()[function](point)

    best = []
    for seed in range(int(seeds)):
        joint = {"multivariate": True, "group": True} if sampler == "joint" else {}
        study = optuna.create_study(
            direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed, **joint)
        )
        study.optimize(objective, n_trials=int(trials))
        best.append(study.best_value)
    print(json.dumps({"best": best}), flush=True)


main()
