import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { literal, openDuckDB, parquetFiles, query, type DuckDB } from "../adapters/local/duckdb.ts";
import { sparkEnvironment } from "../test/spark/job.ts";
import { venv } from "../test/venv.ts";
import { datasetFolder, describe, readDataset, type Dataset } from "./datasets.ts";
import { count, median, millions, spread, table, times } from "./print-table.ts";

/** The Spark job against MLlib's columnSimilarities: see README.md. */
const CONTENDERS = { ours: "spark_ours.py", "MLlib + top 50": "spark_mllib.py" };
type Name = keyof typeof CONTENDERS;
type Measured = { wall: number; cpu: number };

/** Ours are rounded to millionths. */
const TOLERANCE = 1e-6;
/** MLlib needs it, so both get it. */
const DRIVER_MEMORY = "6g";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "2" }, java: { type: "string", default: "" } },
});
process.exitCode = (await main(Number(values.rounds))) ? 0 : 1;

/** @returns true when all answers agree. */
async function main(rounds: number): Promise<boolean> {
  const dataset = readDataset(datasetFolder("small")!, { values: false });
  const { users, items, entries, pairs } = describe(dataset);
  console.log(
    `${cpus()[0]?.model}, ${availableParallelism()} cores; Spark 3.5.3, local[2], ${rounds} rounds`,
  );
  console.log(`Java options of both: ${values.java || "none"}`);
  console.log(
    `small: ${count(users)} users x ${count(items)} items, ${millions(entries)} interactions, ${millions(pairs)} pairs`,
  );
  const db = await openDuckDB();
  const interactions = await interactionsFolder(db, dataset);
  const python = venv("spark", join(import.meta.dirname, "../spark-jobs/requirements-test.txt"));
  const measured: Record<Name, Measured[]> = { ours: [], "MLlib + top 50": [] };
  let worst = 0;
  for (let round = 0; round < rounds; round++) {
    const out = mkdtempSync(join(tmpdir(), "bench-spark-"));
    for (const name of Object.keys(CONTENDERS) as Name[]) {
      measured[name].push(compete(python, name, interactions, join(out, CONTENDERS[name], "/")));
      console.error(name, measured[name].at(-1));
    }
    const [ours, theirs] = Object.values(CONTENDERS).map((script) => join(out, script, "neighbours"));
    worst = Math.max(worst, await largestDifference(db, ours, theirs));
    rmSync(out, { recursive: true });
  }
  db.close();
  const agree = worst <= TOLERANCE;
  console.log(`\n${resultTable(measured)}\n`);
  console.log(`largest difference of a score: ${worst.toExponential(1)}${agree ? "" : ", TOO MUCH"}`);
  return agree;
}

/** The set as a night's export: Parquet, four files, one view for each entry. Made once. */
async function interactionsFolder({ connection }: DuckDB, dataset: Dataset): Promise<string> {
  const folder = join(import.meta.dirname, "../.cache/bench/small-interactions");
  if (existsSync(folder)) return join(folder, "/");
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  await connection.run(`CREATE TEMP TABLE entries ("user" INTEGER, item INTEGER)`);
  const appender = await connection.createAppender("entries");
  for (let u = 0; u < dataset.users; u++) {
    for (let e = dataset.rowStart[u]; e < dataset.rowStart[u + 1]; e++) {
      appender.appendInteger(u);
      appender.appendInteger(dataset.item[e]);
      appender.endRow();
    }
  }
  appender.closeSync();
  for (let part = 0; part < 4; part++) {
    await connection.run(`COPY (
        SELECT 'u' || "user" AS "user", 'i' || item AS item, 'view_item' AS event, 1::BIGINT AS count,
          1000000::BIGINT AS "lastAt", '2026-11-20' AS day FROM entries WHERE "user" % 4 = ${part}
      ) TO ${literal(join(unfinished, `part-${part}.parquet`))} (FORMAT parquet)`);
  }
  renameSync(unfinished, folder);
  return join(folder, "/");
}

/** Runs one contender in a process of its own; its answer goes to the folder `out`. */
function compete(python: string, name: Name, interactions: string, out: string): Measured {
  const script = join(import.meta.dirname, "peers", CONTENDERS[name]);
  const java = values.java ? [`--driver-java-options "${values.java}"`] : [];
  const options = [
    "--master local[2]",
    `--driver-memory ${DRIVER_MEMORY}`,
    "--conf spark.ui.enabled=false",
    ...java,
  ];
  const env = {
    ...process.env,
    ...sparkEnvironment(python),
    PYSPARK_SUBMIT_ARGS: [...options, "pyspark-shell"].join(" "),
  };
  const stdio = ["ignore", "pipe", "ignore"] as const;
  const stdout = execFileSync(python, [script, interactions, out], { env, stdio: [...stdio] });
  return JSON.parse(stdout.toString()) as Measured;
}

/**
 * The largest difference between the r-th best scores of each item, and between the scores of pairs
 * that both have. Infinite if a list is shorter.
 */
async function largestDifference({ connection }: DuckDB, ours: string, theirs: string): Promise<number> {
  const places = (folder: string) =>
    `(SELECT "of", unnest(neighbours, recursive := true), generate_subscripts(neighbours, 1) AS place
      FROM (SELECT item AS "of", neighbours FROM ${parquetFiles([folder])}))`;
  const sql = `
    WITH ours AS (SELECT * FROM ${places(ours)}), theirs AS (SELECT * FROM ${places(theirs)})
    SELECT (SELECT max(coalesce(abs(a.score - b.score), 'inf')) FROM ours a FULL JOIN theirs b USING ("of", place)) AS place,
      (SELECT max(abs(a.score - b.score)) FROM ours a JOIN theirs b USING ("of", item)) AS pair`;
  const [{ place, pair }] = await query<{ place: number; pair: number }>(connection, sql);
  return Math.max(Number(place), Number(pair));
}

function resultTable(measured: Record<Name, Measured[]>): string {
  const of = (name: Name, key: keyof Measured) => measured[name].map((m) => m[key]);
  const ratio = (name: Name, key: keyof Measured) => times(median(of(name, key)) / median(of("ours", key)));
  const rows = (Object.keys(measured) as Name[]).map((name) => [
    name,
    spread(of(name, "wall"), 1),
    spread(of(name, "cpu"), 1),
    ...(name === "ours" ? ["", ""] : [ratio(name, "wall"), ratio(name, "cpu")]),
  ]);
  return table(["", "wall s", "CPU s", "wall: MLlib / ours", "CPU"], rows);
}
