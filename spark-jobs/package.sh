#!/bin/sh
# Packs the job for a cluster: package.sh <folder>. See package.py; any Python 3.11 or newer with pip can do it.
set -eu
exec python3 "$(dirname "$0")/package.py" "$@"
