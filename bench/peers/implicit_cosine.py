"""implicit's CosineRecommender. It computes in float64; K counts the item itself."""

from contender import main, read_matrix, without_self
from implicit.nearest_neighbours import CosineRecommender


def load(folder, vectors, threads):
    return read_matrix(folder, vectors)


def compute(matrix, top, threads):
    model = CosineRecommender(K=top + 1, num_threads=threads)
    model.fit(matrix, show_progress=False)
    return model.similarity


if __name__ == "__main__":
    main(load, compute, without_self)
