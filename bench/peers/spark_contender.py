"""The common part of both sides of bench/spark.ts: start Spark, time, add up the CPU of all
processes."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pyspark.sql import SparkSession

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def main(
    open_session: Callable[[str], SparkSession], compute: Callable[[SparkSession, str, str], None]
) -> None:
    """Arguments: folder of interactions, folder for the answer.

    compute(spark, interactions, output) is measured.
    """
    interactions, output = sys.argv[1:3]
    spark = open_session("bench")
    # A first job and a first query: the start-up time of a session is not compared.
    spark.sparkContext.parallelize([1]).map(lambda x: x).count()
    spark.range(1).toPandas()
    cpu, wall = cpu_seconds(), time.perf_counter()
    compute(spark, interactions, output)
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu}))
    spark.stop()


def cpu_seconds() -> float:
    """User and system time of this process, its Java and its Python workers, also of ended ones
    (Linux)."""
    parent, ticks = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # After the name in brackets: state, parent, ...; times from the 12th on.
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        process = int(stat.parent.name)
        parent[process] = int(fields[1])
        ticks[process] = sum(int(field) for field in fields[11:15])
    return sum(ticks[process] for process in ticks if descends(process, parent)) / TICKS_A_SECOND


def descends(process: int, parent: dict[int, int]) -> bool:
    while process in parent:
        if process == os.getpid():
            return True
        process = parent[process]
    return False
