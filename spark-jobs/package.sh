#!/bin/sh
# Packs the job for a cluster: package.sh <folder>. See package.py. It needs Python 3.11 or newer,
# with pip.
set -eu
exec python3 "$(dirname "$0")/package.py" "$@"
