"""The driver's log, of a running job and of a failing one."""

import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from steamer_spark.problem import Problem

SECONDS_BETWEEN_LINES = 15
USUAL_NEXT = "the log has the details; if a file is damaged, export its day again, else run the stage again"

log = logging.getLogger("steamer")


@contextmanager
def step(spark: SparkSession, doing: str, next: str = USUAL_NEXT) -> Iterator[None]:
    """Logs a step's start, its finished tasks, and its end. Failures of Spark become Problems."""
    done = threading.Event()
    threading.Thread(target=report_tasks, args=(spark, doing, done), daemon=True).start()
    log.info("%s ...", doing)
    start = time.monotonic()
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        raise Problem(doing, root_cause(error), next) from error
    finally:
        done.set()
    log.info("%s: done in %.1f s", doing, time.monotonic() - start)


def report_tasks(spark: SparkSession, doing: str, done: threading.Event) -> None:
    tracker = spark.sparkContext.statusTracker()
    while not done.wait(SECONDS_BETWEEN_LINES):
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        tasks = ", ".join(f"{s.numCompletedTasks} of {s.numTasks}" for s in stages if s)
        log.info("%s: tasks done: %s", doing, tasks or "none to wait for")


def root_cause(error: Exception) -> str:
    """The message of the innermost exception, after the file that the exceptions name.

    A Python worker's traceback names the error in its last line, so only that line is taken.
    """
    texts = [str(error)]
    cause = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    while cause is not None:
        texts.append(cause.toString())
        cause = cause.getCause()
    lines = [line.strip() for line in texts[-1].splitlines() if line.strip()] or [type(error).__name__]
    why = lines[-1] if "Traceback" in texts[-1] else lines[0]
    file = re.search(r"\w+:/\S+\.(parquet|json|ndjson|jsonl)(\.gz)?\b", " ".join(texts))
    return why if file is None or file[0] in why else f"{file[0]}: {why}"
