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
    print(json.dumps(measured_with_children(lambda: compute(spark, interactions, output))))
    spark.stop()


def measured_with_children(compute: Callable[[], object]) -> dict[str, float]:
    """Seconds of a computation, and the megabytes that this process, its Java and its Python workers
    had at most."""
    before, cpu, wall = peak_megabytes(), cpu_seconds(), time.perf_counter()
    compute()
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    return {"wall": wall, "cpu": cpu, "before": before, "peak": peak_megabytes()}


def peak_megabytes() -> float:
    """The sum of the peaks of all processes (Linux)."""
    return sum(peak_of(process) for process in descendants())


def peak_of(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM:"))


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


def descendants() -> list[int]:
    """This process, and those that it has started, and theirs."""
    parent = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return [process for process in parent if descends(process, parent)]


def descends(process: int, parent: dict[int, int]) -> bool:
    while process in parent:
        if process == os.getpid():
            return True
        process = parent[process]
    return False
