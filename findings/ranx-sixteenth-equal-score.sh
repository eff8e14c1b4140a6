#!/usr/bin/env bash
# ranx moves the first of sixteen items with equal scores to place fifteen.
#
# Ann's list has items of one score, and the one that she bought comes first. With fifteen items MRR
# is 1: ranx keeps the order in which equal scores were given. With sixteen MRR is 1/15, with
# thirty-two 1/17. ranx sorts each list by score again, and the sort that it compiles is stable for
# short lists only. A longer list loses its order, and so do its ranks, NDCG and recall.
#
# Lists with many equal scores are common: those of popular items that are counted in small numbers,
# of co-occurrence, of scores that were rounded. The figures then say something of the sort. Lists of
# ten, as an example has them, hide it.
#
# What helps: give ranx scores that have no ties, such as the number of items less the rank.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check ranx==0.3.21 numba==0.68.1 numpy==2.4.6

cat > find.py <<'END'
import numba
import numpy
from importlib.metadata import version
from ranx import Qrels, Run, evaluate

print(f"ranx {version('ranx')}, numba {numba.__version__}, numpy {numpy.__version__}")

bought = Qrels({"ann": {"tea": 1}})
for others in (14, 15, 31):
    scores = {"tea": 0.5} | {f"item-{k:02}": 0.5 for k in range(others)}
    place = round(1 / evaluate(bought, Run({"ann": scores}), "mrr"))
    print(f"{1 + others} items of one score, tea first: tea is at place {place}")
falling = {item: 100.0 - k for k, item in enumerate(scores)}
print(f"32 items of falling scores: MRR {evaluate(bought, Run({'ann': falling}), 'mrr'):.0f}")
END

cat > expected <<'END'
15 items of one score, tea first: tea is at place 1
16 items of one score, tea first: tea is at place 15
32 items of one score, tea first: tea is at place 17
32 items of falling scores: MRR 1
END

# numba warns of a cast in ranx.
venv/bin/python -W ignore find.py | tee seen
# The first line has the versions.
if ! diff expected <(tail -n +2 seen); then
  echo "Not as found: ranx behaves differently here." >&2
  exit 1
fi
echo "As found: with one more item of the same score, the first one is ranked fifteenth."
