"""The method ridge through LAPACK: the same counts, candidates and blocks, compiled by numba, whose
Cholesky decomposition is that of scipy's OpenBLAS."""

import os
import sys

os.environ["NUMBA_NUM_THREADS"] = sys.argv[2]

import numpy as np
from numba import get_num_threads, njit, prange, set_num_threads
from ridge_data import main

TOP = 50
COUNTS = 200
CANDIDATES = 50
REGULARIZATION, OWN_SHARE, ALPHA, SHRINKAGE = 50.0, 0.3, 0.8, 15.0
WINDOW, DECAY, BACKWARD = 50, 0.5, 0.8


def compute(matrix, threads):
    set_num_threads(threads)
    row_start, row = in_random_order(matrix)
    place = np.argsort(row, kind="stable").astype(np.int32)
    users = np.bincount(row, minlength=matrix.shape[1])
    column_start = np.concatenate([[0], np.cumsum(users)])
    length = np.diff(row_start)
    first = np.repeat(row_start[:-1], length)[place]
    last = np.repeat(row_start[1:], length)[place]
    counted = count(row, place, first, last, column_start, users.astype(np.float64))
    minus, p = solve(*counted[:3], *counted[3:6], users.astype(np.float64))
    return combine(counted[3], counted[4], counted[6], minus, p)


def in_random_order(matrix):
    """Histories in the order of a hash of their entries' places: that of bench/ours.ts."""
    user = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    at = np.arange(len(user), dtype=np.uint32) * np.uint32(2654435761)
    return matrix.indptr.astype(np.int64), matrix.indices[np.lexsort((at, user))].astype(np.int32)


@njit
def best(score, item, m, items, most):
    """The places of the best: by millionths, ties by item."""
    key = np.empty(m)
    for k in range(m):
        key[k] = -(np.round(score[k] * 1e6) * items + (items - 1 - item[k]))
    if m > most:
        return np.argpartition(key, most - 1)[:most]
    return np.arange(m)


@njit(parallel=True)
def count(row, place, first, last, column_start, users):
    items = len(users)
    threads = get_num_threads()
    weight = 1 / (1 + DECAY * np.arange(WINDOW + 1))
    kept = np.zeros(items, np.int32)
    kept_item = np.empty((items, COUNTS), np.int32)
    kept_value = np.empty((items, COUNTS))
    chosen = np.zeros(items, np.int32)
    chosen_item = np.empty((items, CANDIDATES), np.int32)
    chosen_value = np.empty((items, CANDIDATES))
    chosen_after = np.empty((items, CANDIDATES))
    for thread in prange(threads):
        n = np.zeros(items, np.int32)
        after, before = np.zeros(items), np.zeros(items)
        touched, score = np.empty(items, np.int32), np.empty(items)
        for i in range(thread, items, threads):
            m = 0
            for c in range(column_start[i], column_start[i + 1]):
                own = place[c]
                for e in range(max(first[c], own - WINDOW), own):
                    j = row[e]
                    if n[j] == 0:
                        touched[m] = j
                        m += 1
                    n[j] += 1
                    before[j] += weight[own - e]
                for e in range(own + 1, min(last[c], own + WINDOW + 1)):
                    j = row[e]
                    if n[j] == 0:
                        touched[m] = j
                        m += 1
                    n[j] += 1
                    after[j] += weight[e - own]
            for k in range(m):
                score[k] = (after[touched[k]] + before[touched[k]]) / users[i]
            picked = best(score, touched, m, items, COUNTS)
            kept[i] = len(picked)
            for k in range(len(picked)):
                j = touched[picked[k]]
                kept_item[i, k] = j
                kept_value[i, k] = after[j] + before[j]
            for k in range(m):
                j = touched[k]
                support = n[j] / (n[j] + SHRINKAGE)
                score[k] = (after[j] + before[j]) / np.sqrt(users[i] * users[j]) * support
            picked = best(score, touched, m, items, CANDIDATES)
            chosen[i] = len(picked)
            for k in range(len(picked)):
                j = touched[picked[k]]
                chosen_item[i, k] = j
                chosen_value[i, k] = after[j] + before[j]
                chosen_after[i, k] = after[j] / chosen_value[i, k]
            for k in range(m):
                j = touched[k]
                n[j] = 0
                after[j] = before[j] = 0.0
    return kept, kept_item, kept_value, chosen, chosen_item, chosen_value, chosen_after


@njit(parallel=True)
def solve(kept, kept_item, kept_value, chosen, chosen_item, chosen_value, users):
    items = len(users)
    threads = get_num_threads()
    minus = np.zeros((items, CANDIDATES))
    p = np.empty(items)
    for thread in prange(threads):
        place_of = np.zeros(items, np.uint8)
        line = np.empty(CANDIDATES + 1)
        for j in range(thread, items, threads):
            n = chosen[j]
            left = np.zeros((n, n))
            w = np.empty(n)
            for a in range(n):
                place_of[chosen_item[j, a]] = a + 1
            for a in range(n):
                i = chosen_item[j, a]
                line[:] = 0
                for e in range(kept[i]):
                    line[place_of[kept_item[i, e]]] = kept_value[i, e]
                for b in range(n):
                    value = line[b + 1]
                    if value > left[a, b]:
                        left[a, b] = left[b, a] = value
                left[a, a] = (1 + OWN_SHARE) * users[i] + REGULARIZATION
            for a in range(n):
                place_of[chosen_item[j, a]] = 0
            whole = (1 + OWN_SHARE) * users[j] + REGULARIZATION
            rest = whole
            if n > 0:
                lower = np.linalg.cholesky(left)
                for a in range(n):
                    total = chosen_value[j, a]
                    for b in range(a):
                        total -= lower[a, b] * w[b]
                    w[a] = total / lower[a, a]
                    rest -= w[a] * w[a]
                for a in range(n - 1, -1, -1):
                    w[a] /= lower[a, a]
                    for b in range(a):
                        w[b] -= lower[a, b] * w[a]
            p[j] = 1 / (rest if rest > 0 else whole)
            for a in range(n):
                minus[j, a] = p[j] * w[a]
    return minus, p


@njit
def mentions(chosen, chosen_item):
    items = len(chosen)
    start = np.zeros(items + 1, np.int64)
    for j in range(items):
        for k in range(chosen[j]):
            start[chosen_item[j, k] + 1] += 1
    start = np.cumsum(start)
    end = start[:-1].copy()
    where = np.empty(start[-1], np.int64)
    for j in range(items):
        for k in range(chosen[j]):
            i = chosen_item[j, k]
            where[end[i]] = j * CANDIDATES + k
            end[i] += 1
    return start, where


@njit(parallel=True)
def combine(chosen, chosen_item, chosen_after, minus, p):
    items = len(chosen)
    threads = get_num_threads()
    start, where = mentions(chosen, chosen_item)
    left, right = p ** (ALPHA - 1), p**-ALPHA
    item, score = np.full((items, TOP), -1, np.int32), np.zeros((items, TOP))
    for thread in prange(threads):
        place_of = np.zeros(items, np.int32)
        found, value = np.empty(items, np.int32), np.empty(items)
        for i in range(thread, items, threads):
            m = 0
            for k in range(chosen[i]):
                place_of[chosen_item[i, k]] = k + 1
            for e in range(start[i], start[i + 1]):
                j, k = where[e] // CANDIDATES, where[e] % CANDIDATES
                own = place_of[j] - 1
                place_of[j] = 0
                mean = minus[j, k] if own < 0 else (minus[j, k] + minus[i, own]) / 2
                share = 1 - chosen_after[j, k]
                found[m] = j
                value[m] = mean * 2 * (share + BACKWARD * (1 - share)) / (1 + BACKWARD) * right[j] * left[i]
                m += 1
            for k in range(chosen[i]):
                j = chosen_item[i, k]
                if place_of[j] > 0:
                    share = chosen_after[i, k]
                    found[m] = j
                    value[m] = minus[i, k] * 2 * (share + BACKWARD * (1 - share)) / (1 + BACKWARD)
                    value[m] *= right[j] * left[i]
                    m += 1
                place_of[j] = 0
            picked = best(value, found, m, items, TOP)
            keep = picked[np.argsort(-value[picked])]
            for k in range(len(keep)):
                if value[keep[k]] > 0:
                    item[i, k] = found[keep[k]]
                    score[i, k] = value[keep[k]]
    return item, score


def compiled():
    """Compiles everything before the clock starts."""
    import scipy.sparse as sp

    compute(sp.csr_matrix(np.ones((3, 5), np.float32)), int(sys.argv[2]))


if __name__ == "__main__":
    compiled()
    main(compute)
