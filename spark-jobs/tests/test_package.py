"""The package of the job, unpacked into a clean folder and started as on a cluster."""

import os
import platform
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pyspark
import pytest
from conftest import JOB, Shop, golden

SUBMIT = Path(pyspark.__file__).parent / "bin/spark-submit"
FOR_CLUSTERS = (platform.system(), platform.machine(), sys.version_info[:2]) == ("Linux", "x86_64", (3, 11))


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    subprocess.run([JOB / "package.sh", folder], check=True)
    return folder


def environment(packages: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYSPARK_SUBMIT_ARGS"}
    return kept | {"PYTHONPATH": str(packages)}


def start(command: list, packed: Path, request: str, python_path: Path) -> subprocess.CompletedProcess:
    arguments = [*command, packed / "main.py", "--request", request]
    return subprocess.run(arguments, cwd=packed, env=environment(python_path), capture_output=True, text=True)


@pytest.mark.skipif(not FOR_CLUSTERS, reason="the packed wheels are for Linux, x86_64, Python 3.11")
def test_the_packed_job_with_the_packed_packages_finds_the_same_on_one_core(
    packed: Path, factors_shop: Shop, shop: Shop
):
    with tarfile.open(packed / "packages.tar.gz") as archive:
        archive.extractall(packed / "packages", filter="data")
    names = "numpy, pandas, pyarrow, scipy.sparse, dateutil, pytz"
    code = f"import {names}; print(*[m.__file__ for m in (numpy, pandas, pyarrow, scipy, dateutil, pytz)])"
    found = subprocess.check_output(
        [sys.executable, "-c", code], env=environment(packed / "packages"), text=True
    )
    assert all(file.startswith(str(packed / "packages")) for file in found.split())
    quick = ["--master", "local[1]", "--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"]
    quick += ["--conf", "spark.ui.enabled=false"]
    command = [SUBMIT, *quick, "--py-files", packed / "steamer_spark.zip"]
    shop.days = factors_shop.days
    finished = start(command, packed, shop.request({}, als=golden("factors")[0]["als"]), packed / "packages")
    assert finished.returncode == 0, finished.stdout
    assert shop.neighbours() == factors_shop.neighbours()
    for side in ("users", "items"):
        found, expected = shop.factors(side), factors_shop.factors(side)
        assert found.keys() == expected.keys()
        for name, vector in found.items():
            np.testing.assert_allclose(vector, expected[name], rtol=1e-4, atol=1e-6)
    # spark-submit passes all of Python's output on to stdout.
    assert "INFO shop=tea run=r.1 stage=similarity: Finding neighbours: done in" in finished.stdout


def test_a_problem_ends_the_log_and_the_exit_code_is_1(packed: Path):
    finished = start([sys.executable], packed, '{"shop": 1}', packed / "steamer_spark.zip")
    assert finished.returncode == 1
    *_, problem, next = finished.stderr.splitlines()
    assert problem.endswith("ERROR similarity: Reading --request: the request: 'run' is missing")
    assert next.startswith("  Next: see SimilarityRequest")
