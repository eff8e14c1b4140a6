"""Files through Hadoop's FileSystem, with the same code for gs://, hdfs:// and local paths."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from py4j.java_gateway import JavaObject
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from steamer_spark.problem import Problem

FORMATS = {
    "parquet": (".parquet",),
    "json": (".json", ".json.gz", ".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz"),
}
LISTINGS_AT_ONCE = 16


@dataclass(frozen=True)
class DataFile:
    path: str
    # "parquet", or "json" (one row a line).
    format: str
    bytes: int


def data_files(spark: SparkSession, folders: list[str]) -> list[DataFile]:
    """The files in the folders, without empty ones.

    A day without events may have a folder without files, an empty file, or no folder at all. Raises
    Problem for a file of another kind, since leaving it out could leave out a day.
    """
    with ThreadPoolExecutor(LISTINGS_AT_ONCE) as pool:
        listings = pool.map(lambda folder: files_in(spark, folder), folders)
        return [file for listing in listings for file in listing]


def format_of(path: str) -> str:
    for name, endings in FORMATS.items():
        if path.endswith(endings):
            return name
    raise Problem(f"Reading {path}", "it is neither Parquet nor NDJSON", "move it out of the export's folder")


def files_in(spark: SparkSession, folder: str) -> list[DataFile]:
    path = hadoop_path(spark, folder)
    try:
        statuses = file_system(spark, path).listStatus(path)
    except Py4JJavaError as error:
        if error.java_exception.getClass().getName() == "java.io.FileNotFoundException":
            return []
        raise
    # Spark and Hadoop create files of their own, named _… or .…
    visible = [s for s in statuses if s.isFile() and s.getLen() > 0 and s.getPath().getName()[0] not in "_."]
    paths = {status.getPath().toString(): status.getLen() for status in visible}
    return [DataFile(path, format_of(path), paths[path]) for path in sorted(paths)]


def write_text(spark: SparkSession, path: str, text: str) -> None:
    """Writes a whole file. It replaces an existing one."""
    target = hadoop_path(spark, path)
    stream = file_system(spark, target).create(target, True)
    try:
        stream.write(text.encode())
    finally:
        stream.close()


def delete(spark: SparkSession, path: str) -> None:
    target = hadoop_path(spark, path)
    file_system(spark, target).delete(target, True)


def hadoop_path(spark: SparkSession, path: str) -> JavaObject:
    return spark._jvm.org.apache.hadoop.fs.Path(path)


def file_system(spark: SparkSession, path: JavaObject) -> JavaObject:
    return path.getFileSystem(spark._jsc.hadoopConfiguration())
