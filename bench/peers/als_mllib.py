"""MLlib's ALS at our objective, exponent 1: see docs/ARCHITECTURE.md.

Arguments: folder, knobs as JSON, threads, folder for the answer."""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession
from spark_contender import measured_with_children


def main(folder: str, given: str, threads: str, out: str) -> None:
    knobs = json.loads(given)
    spark = SparkSession.builder.getOrCreate()
    with tempfile.TemporaryDirectory() as scratch:
        spark.sparkContext.setCheckpointDir(f"{scratch}/checkpoints")
        ratings = in_memory(spark, Path(folder), f"{scratch}/ratings")
        als = ALS(
            rank=knobs["factors"],
            maxIter=knobs["iterations"],
            regParam=knobs["regularization"] / knobs["unobserved"],
            alpha=1 / knobs["unobserved"],
            implicitPrefs=True,
            numUserBlocks=int(threads),
            numItemBlocks=int(threads),
            seed=knobs["seed"],
        )
        found = []

        def compute():
            model = als.fit(ratings)
            # Factors are computed when they are asked for.
            found.extend(factors.cache() for factors in (model.userFactors, model.itemFactors))
            for factors in found:
                factors.count()

        measurement = measured_with_children(compute)
        meta = json.loads(Path(folder, "meta.json").read_text())
        for side, factors in zip(("users", "items"), found, strict=True):
            save(factors, meta[side], knobs["factors"], Path(out, f"{side}.f32"))
    print(json.dumps(measurement))
    spark.stop()


def in_memory(spark, folder, file):
    row_start = np.fromfile(folder / "rowStart.i32", "<i4")
    columns = {
        "user": np.repeat(np.arange(len(row_start) - 1, dtype=np.int32), np.diff(row_start)),
        "item": np.fromfile(folder / "item.i32", "<i4"),
        "rating": np.fromfile(folder / "value.f32", "<f4"),
    }
    pq.write_table(pa.table(columns), file)
    ratings = spark.read.parquet(file).cache()
    ratings.count()
    return ratings


def save(factors, rows, width, file):
    collected = factors.toPandas()
    dense = np.zeros((rows, width), np.float32)
    dense[collected["id"].to_numpy()] = np.vstack(collected["features"].to_numpy())
    dense.astype("<f4").tofile(file)


if __name__ == "__main__":
    main(*sys.argv[1:])
