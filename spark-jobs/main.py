"""The similarity job.

Usage: spark-submit main.py --request '<JSON>' (SimilarityRequest of contracts/jobs.ts).
"""

import argparse
import logging
import sys
import traceback

from pyspark.sql import SparkSession

from steamer_spark.job import run
from steamer_spark.problem import Problem
from steamer_spark.progress import log
from steamer_spark.request import parse_request


def main() -> int:
    parser = argparse.ArgumentParser(description="Finds the neighbours of a shop's items.")
    parser.add_argument("--request", required=True, help="SimilarityRequest of contracts/jobs.ts, as JSON")
    arguments = parser.parse_args()
    start_log("similarity")
    try:
        request = parse_request(arguments.request)
        start_log(f"shop={request.shop} run={request.run} stage=similarity")
        run(open_session(f"steamer similarity {request.shop} {request.run}"), request)
    except Problem as problem:
        # People read the last lines of a log first. So the message comes after the traceback.
        if problem.__cause__:
            traceback.print_exception(problem.__cause__)
        log.error("%s", problem)
        return 1
    return 0


def start_log(where: str) -> None:
    line = f"%(asctime)s %(levelname)s {where.replace('%', '%%')}: %(message)s"
    logging.basicConfig(format=line, stream=sys.stderr, force=True)
    log.setLevel(logging.INFO)


def open_session(name: str) -> SparkSession:
    settings = {
        # The histories come to the driver as Arrow, and may be large.
        "spark.driver.maxResultSize": "0",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
        # progress.py logs each step as a line instead.
        "spark.ui.showConsoleProgress": "false",
    }
    return SparkSession.builder.appName(name).config(map=settings).getOrCreate()


if __name__ == "__main__":
    sys.exit(main())
