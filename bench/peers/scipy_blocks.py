"""scipy alone: a block of items times the matrix, then argpartition of each row. Two threads take
turns at blocks."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from contender import main, read_matrix, unit_columns

BLOCK = 500


def load(folder, vectors, threads):
    return read_matrix(folder, vectors)


def compute(matrix, top, threads):
    unit = unit_columns(matrix)
    by_item = unit.T.tocsr()
    items = unit.shape[1]
    best = np.full((items, top), -1, np.int32)
    score = np.zeros((items, top), np.float32)

    def fill(start):
        product = by_item[start : start + BLOCK] @ unit
        for k in range(product.shape[0]):
            row = slice(product.indptr[k], product.indptr[k + 1])
            neighbours, values = product.indices[row], product.data[row]
            values[neighbours == start + k] = 0
            if len(values) > top:
                chosen = np.argpartition(values, -top)[-top:]
                neighbours, values = neighbours[chosen], values[chosen]
            order = np.argsort(-values)
            order = order[values[order] > 0]
            best[start + k, : len(order)] = neighbours[order]
            score[start + k, : len(order)] = values[order]

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(0, items, BLOCK)))
    return best, score


def finish(result, top):
    return result


if __name__ == "__main__":
    main(load, compute, finish)
