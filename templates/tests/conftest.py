"""The tests' shared parts: the official Datastore emulator, and a model's files."""

import json
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult
from google.cloud import datastore

from steamer_load.counters import counters_of
from steamer_load.parameters import LoadJob, parse_job
from steamer_load.pipeline import run
from steamer_load.rows import CATALOGUE, NEIGHBOURS, Row

PROJECT = "test-project"
MODEL = "2026-11-21.2"
TABLES = {
    "similar": {"items": "items", "scores": "scores"},
    "together": {"items": "togetherItems", "scores": "togetherScores"},
}
CONTRACTS = Path(__file__).parents[2] / "contracts"


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    return json.loads((CONTRACTS / "golden/entities.json").read_text())


@pytest.fixture(scope="session")
def emulator() -> Iterator[None]:
    """The emulator of the Google Cloud CLI, for all tests. Each test has a namespace of its own."""
    jar = emulator_jar()
    if jar is None:
        pytest.skip("the Google Cloud CLI with its Firestore emulator, or Java, is not installed")
    port = free_port()
    start = ["start", "--host=127.0.0.1", f"--port={port}", "--database-mode=datastore-mode"]
    main = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
    command = ["java", "-Xmx512m", "-Duser.language=en", "-cp", str(jar), main, *start]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_port(process, port)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DATASTORE_EMULATOR_HOST", f"127.0.0.1:{port}")
            yield
    finally:
        process.kill()
        process.wait()


def emulator_jar() -> Path | None:
    gcloud = shutil.which("gcloud")
    if gcloud is None or shutil.which("java") is None:
        return None
    folder = Path(gcloud).resolve().parents[1] / "platform/cloud-firestore-emulator"
    jar = folder / "cloud-firestore-emulator.jar"
    return jar if jar.exists() else None


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def await_port(process: subprocess.Popen, port: int) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the emulator ended with {process.returncode}")
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the emulator does not listen")


@pytest.fixture
def store(emulator: None) -> datastore.Client:
    """Datastore, in a namespace of this test's own: `store.namespace` is the shop."""
    return datastore.Client(PROJECT, namespace=f"shop-{uuid.uuid4().hex}")


class Files:
    """A model's Parquet files in a folder, and its dead letters."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.arguments = {
            "expireAt": "2027-02-19T03:00:00.000Z",
            "neighbours": f"{folder}/neighbours/*.parquet",
            "catalogue": f"{folder}/catalogue/*.parquet",
            "deadLetters": f"{folder}/dead-letters/rejected",
            "tables": json.dumps(TABLES),
        }

    def write(self, neighbours: list[Row], catalogue: list[Row]) -> None:
        """Writes each table in two files, as a cluster does. The columns come in another order."""
        for name, rows, schema in (
            ("neighbours", neighbours, NEIGHBOURS),
            ("catalogue", catalogue, CATALOGUE),
        ):
            table = pa.Table.from_pylist(rows, schema).select(reversed(schema.names))
            (self.folder / name).mkdir(exist_ok=True)
            half = len(rows) // 2
            pq.write_table(table.slice(0, half), self.folder / name / "part-0.parquet")
            pq.write_table(table.slice(half), self.folder / name / "part-1.parquet")

    def dead_letters(self) -> list[dict[str, Any]]:
        files = self.folder.glob("dead-letters/*.ndjson")
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def arguments(mode: str, shop: str, **more: str) -> list[str]:
    given = {"mode": mode, "project": PROJECT, "shop": shop, "workers": "1", "model": MODEL, **more}
    return [f"--{name}={value}" for name, value in given.items()]


def load_job(files: Files, **more: str) -> LoadJob:
    return parse_job(PipelineOptions(arguments("load", "shop", **{**files.arguments, **more})))


def load(store: datastore.Client, files: Files, **more: str) -> dict[str, int]:
    """Loads the files, and returns the counters."""
    return finish(arguments("load", store.namespace, **{**files.arguments, **more}))


def clean(store: datastore.Client, keep: str, model: str = "2026-11-21.1") -> dict[str, int]:
    return finish(arguments("clean", store.namespace, model=model, keep=keep))


def finish(argv: list[str]) -> dict[str, int]:
    assert os.environ["DATASTORE_EMULATOR_HOST"]
    result: PipelineResult = run([*argv, "--runner=FnApiRunner"], ramp_up=False)
    return counters_of(result)


def stored(store: datastore.Client) -> dict[tuple[str, str], dict[str, Any]]:
    """The properties of all entities in the namespace, by kind and name."""
    return {entity.key.flat_path: dict(entity) for entity in store.query().fetch()}


def item(key: str, /, **more: Any) -> Row:
    """A row of the catalogue."""
    usual = {"name": key, "category": None, "price": 1.0, "available": True, "users": 1}
    return {"item": key, **usual, **more}


def similar(key: str, *neighbours: tuple[Any, Any], scenario: str | None = "similar") -> Row:
    """A row of neighbours."""
    lists = [{"item": neighbour, "score": score} for neighbour, score in neighbours]
    return {"scenario": scenario, "item": key, "neighbours": lists}
