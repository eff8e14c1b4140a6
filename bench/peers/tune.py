"""Optuna's TPE, asked by bench/tune.ts.

    tune.py <trials> <first seed> <seeds>

The space comes in TUNE_SPACE, as core/tuning/space.ts writes it. Each point goes out as a line of
JSON, and its value comes back as a line. The last line out has the best value of each seed.
"""

import json
import os
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


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
    trials, first, seeds = map(int, sys.argv[1:4])
    space = json.loads(os.environ["TUNE_SPACE"])
    names = sorted(space, key=lambda name: "when" in space[name])

    def objective(trial):
        point = {}
        for name in names:
            when = space[name].get("when")
            if when is None or point[when["knob"]] in when["is"]:
                point[name] = suggest(trial, name, space[name])
        print(json.dumps(point), flush=True)
        return float(sys.stdin.readline())

    best = []
    for seed in range(first, first + seeds):
        sampler = optuna.samplers.TPESampler(seed=seed)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        study.optimize(objective, n_trials=trials)
        best.append(study.best_value)
    print(json.dumps({"best": best}), flush=True)


main()
