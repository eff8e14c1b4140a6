"""Scores all items for each user: personal.py <folder> <factors> <n>. ../personal/ours.ts does the same."""

import json
import sys
import time
from pathlib import Path

import numpy as np

folder, factors, n = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
items = np.fromfile(folder / "items", dtype=np.float32).reshape(-1, factors)
users = np.fromfile(folder / "users", dtype=np.float32).reshape(-1, factors)
excluded = np.fromfile(folder / "excluded", dtype=np.int32)


def best(user):
    scores = items @ user
    scores[excluded] = -np.inf
    top = np.argpartition(scores, -n)[-n:]
    return top[np.argsort(-scores[top])].tolist()


def answer():
    return [best(user) for user in users]


answer()
cpu, wall = time.process_time(), time.perf_counter()
lists = answer()
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
print(json.dumps({"wall": 1000 * wall / len(users), "cpu": 1000 * cpu / len(users), "lists": lists}))
