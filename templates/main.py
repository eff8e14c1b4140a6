"""The flex template's entry: builds the job and hands it to the runner.

On Dataflow it must not wait for the job.
"""

import sys

from steamer_load.pipeline import run

if __name__ == "__main__":
    run(sys.argv[1:])
