"""Runs the template's job in this process, to the end.

It takes the parameters of the template (`--mode=load --project=... --shop=...`, see README.md), prints the
counters as one line of JSON on stdout and ends with 0; or says on stderr why the job failed and ends with 1.
"""

import json
import os
import sys

from steamer_load.counters import counters_of
from steamer_load.pipeline import run
from steamer_load.problem import Problem


def main(argv: list[str]) -> int:
    # The ramp-up spares the servers of the real Datastore; an emulator has none to spare.
    ramp_up = "DATASTORE_EMULATOR_HOST" not in os.environ
    try:
        # Not DirectRunner, which picks another runner by what it can download.
        result = run([*argv, "--runner=FnApiRunner"], ramp_up)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(json.dumps(counters_of(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
