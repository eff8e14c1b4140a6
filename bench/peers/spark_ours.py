"""Ours: the similarity job as Dataproc runs it, plain cosine (no shrinkage, no cap), all events."""

import json
import sys

from main import open_session
from spark_contender import main

from steamer_spark.job import run
from steamer_spark.request import parse_request

EVENTS = ["view_item", "add_to_cart", "purchase"]
OPTIONS = {
    **{
        "mode": "exact",
        "vectors": "binary",
        "cap": 0,
        "minSupport": 1,
        "shrinkage": 0,
        "alpha": 0.5,
        "top": 50,
    },
    **{"threshold": 0.1, "seed": 1, "eventWeights": dict.fromkeys(EVENTS, 1)},
}


def compute(spark, interactions, output):
    request = {
        **{
            "shop": "bench",
            "run": "bench",
            "interactions": [interactions],
            "items": [f"{interactions}items/"],
            "output": output,
        },
        **{"scenarios": {"similar": EVENTS, "together": []}, "options": OPTIONS},
    }
    run(spark, parse_request(json.dumps(request)))


if __name__ == "__main__":
    sys.exit(main(open_session, compute))
