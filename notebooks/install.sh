#!/usr/bin/env bash
# Initialization action of the notebook's cluster. It puts the job's packages, night.py and the
# shop's places before all else that the cluster's Python knows. Nothing comes from the internet.
set -euo pipefail

target=${STEAMER_TARGET:-/opt/steamer}
python=${STEAMER_PYTHON:-/opt/conda/default/bin/python}
metadata() { "${STEAMER_METADATA:-/usr/share/google/get_metadata_value}" "attributes/steamer-$1"; }

mkdir -p "$target"
gcloud storage cp "$(metadata code)*" "$target/"
tar -xzf "$target/packages.tar.gz" -C "$target"

# Every Python process reads this file as it starts, Spark's workers too. A line that begins with
# `import` is run.
site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
places="STEAMER_DATA='$(metadata data)', STEAMER_POINTER='$(metadata pointer)', STEAMER_SHOP='$(metadata shop)'"
echo "import os, sys; sys.path[:0] = ['$target/steamer_spark.zip', '$target']; os.environ.update($places)" \
  >"$site/steamer.pth"
