"""Runs the template's job in this process, to the end.

It takes the template's parameters (`--mode=load --project=... --shop=...`, see README.md). It
prints the counters on stdout as one line of JSON, and ends with 0. If the job fails, it says why on
stderr, and ends with 1.
"""

import json
import os
import sys

from steamer_load.counters import counters_of
from steamer_load.pipeline import run
from steamer_load.problem import Problem


def main(argv: list[str]) -> int:
    # The ramp-up protects the servers of the real Datastore. An emulator does not need it.
    ramp_up = "DATASTORE_EMULATOR_HOST" not in os.environ
    try:
        # DirectRunner would choose another runner, depending on what it can download.
        result = run([*argv, "--runner=FnApiRunner"], ramp_up)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(json.dumps(counters_of(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
