"""implicit's ALS on the CPU, at our objective: see docs/ARCHITECTURE.md.

Arguments: folder, knobs as JSON, cg or cholesky, threads, folder for the answer."""

import json
import sys
from pathlib import Path

import numpy as np
from contender import measured, read_matrix
from implicit.cpu.als import AlternatingLeastSquares


def main(folder: str, given: str, solver: str, threads: str, out: str) -> None:
    knobs = json.loads(given)
    unobserved = knobs["unobserved"]
    matrix = read_matrix(Path(folder), "weighted")
    matrix.data = (matrix.data + np.float32(unobserved)) / np.float32(unobserved)
    model = AlternatingLeastSquares(
        factors=knobs["factors"],
        iterations=knobs["iterations"],
        regularization=knobs["regularization"] / unobserved,
        alpha=1.0,
        use_cg=solver == "cg",
        num_threads=int(threads),
        random_state=knobs["seed"],
    )
    measurement = measured(lambda: model.fit(matrix, show_progress=False))
    model.user_factors.astype("<f4").tofile(Path(out, "users.f32"))
    model.item_factors.astype("<f4").tofile(Path(out, "items.f32"))
    print(json.dumps(measurement))


if __name__ == "__main__":
    main(*sys.argv[1:])
