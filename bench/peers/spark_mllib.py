"""MLlib: RowMatrix.columnSimilarities (exact), both triangles, the top 50 of each item by a window,
ids joined back."""

import sys

from main import open_session
from pyspark.mllib.common import callMLlibFunc
from pyspark.mllib.linalg import Vectors
from pyspark.mllib.linalg.distributed import RowMatrix
from pyspark.sql import Window
from pyspark.sql import functions as F
from spark_contender import main

TOP = 50


def compute(spark, interactions, output):
    read = spark.read.parquet(interactions)
    items = [row.item for row in read.select("item").distinct().orderBy("item").collect()]
    codes = spark.createDataFrame(list(enumerate(items)), "code int, item string").cache()
    size = len(items)
    pairs = read.join(F.broadcast(codes), "item").select("user", "code").distinct()
    histories = pairs.groupBy("user").agg(F.sort_array(F.collect_list("code")).alias("codes"))
    rows = histories.select("codes").rdd.map(
        lambda row: Vectors.sparse(size, row.codes, [1.0] * len(row.codes))
    )
    similarities = RowMatrix(rows, numCols=size).columnSimilarities()
    # The entries of the upper triangle as a table: no number passes through Python.
    upper = callMLlibFunc("getMatrixEntries", similarities._java_matrix_wrapper._java_model)
    both = upper.select("i", "j", "value").union(upper.select("j", "i", "value"))
    place = F.row_number().over(Window.partitionBy("i").orderBy(F.desc("value"), "j"))
    best = both.withColumn("place", place).where(f"place <= {TOP}")
    named = best.join(
        F.broadcast(codes.withColumnRenamed("item", "other")), F.col("j") == F.col("code")
    ).drop("code")
    neighbour = F.struct(
        "place", F.struct(F.col("other").alias("item"), F.col("value").alias("score")).alias("neighbour")
    )
    lists = named.groupBy("i").agg(F.sort_array(F.collect_list(neighbour)).alias("list"))
    result = lists.join(F.broadcast(codes), F.col("i") == F.col("code"))
    result.select("item", F.col("list.neighbour").alias("neighbours")).write.parquet(f"{output}neighbours")


if __name__ == "__main__":
    sys.exit(main(open_session, compute))
