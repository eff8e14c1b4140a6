import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { readSettings } from "../adapters/settings.ts";
import { openDuckDB } from "../adapters/local/duckdb.ts";
import { openInteractions } from "../adapters/local/tune/interactions.ts";
import { readParts } from "../adapters/local/tune/parts.ts";
import { TableTrials } from "../adapters/local/tune/table-trials.ts";
import { fileObjects } from "../adapters/storage/files.ts";
import { meanOf } from "../core/evaluation/quality.ts";
import { Random } from "../core/random.ts";
import type { Point, Space } from "../core/tuning/space.ts";
import { tableSearch } from "../core/tuning/table-search.ts";
import { suggest, type Trial } from "../core/tuning/tpe.ts";
import { FUNCTIONS } from "../test/core/tuning/functions.ts";
import { venv } from "../test/venv.ts";
import { optionValues } from "./option-values.ts";
import { table } from "./print-table.ts";
import { peerFile } from "./run-json.ts";
import { showProblem } from "./show-problem.ts";

/** Our search beside Optuna's, with as many trials each: see README.md. */
const USAGE = `Usage: npm run bench:tune -- [options]
  --trials N   of each search (default: 60)
  --seeds N    searches of each contender (default: 20)
  --help`;

/** No seed that anything was chosen by. */
const FIRST_SEED = 1000;
const MAIN = "similar";

interface Problem {
  space: Space;
  value(point: Point): number | Promise<number>;
}

async function ours({ space, value }: Problem, trials: number, seeds: number): Promise<number[]> {
  const best: number[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++) {
    const random = new Random(seed);
    const tried: Trial[] = [];
    while (tried.length < trials) {
      const point = suggest(space, tried, random);
      tried.push({ point, value: await value(point) });
    }
    best.push(Math.max(...tried.map((trial) => trial.value)));
  }
  return best;
}

async function optuna({ space, value }: Problem, trials: number, seeds: number): Promise<number[]> {
  const python = venv("bench-tune", join(import.meta.dirname, "requirements-tune.txt"));
  const args = [peerFile("tune.py"), ...[trials, FIRST_SEED, seeds].map(String)];
  const env = { ...process.env, TUNE_SPACE: JSON.stringify(space) };
  const child = spawn(python, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as Point | { best: number[] };
    if (Array.isArray(said["best"])) return said["best"] as number[];
    child.stdin.write(`${await value(said as Point)}\n`);
  }
  throw new Error("Optuna has ended without a result");
}

/** NDCG@10 of the table `similar` by order, on RetailRocket; undefined when the data is missing. */
async function retailRocket(): Promise<Problem | undefined> {
  const data = process.env["STEAMER_TEST_DATA"] ?? join(import.meta.dirname, "../../shared/data");
  const events = join(data, "retail_rocket_events.csv.gz");
  if (!existsSync(events)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "bench-tune-"));
  const settings = readSettings({ env: {}, flags: { events, days: "365", data: folder, method: "order" } });
  const hooks = { signal: new AbortController().signal, progress() {} };
  const db = await openDuckDB({ threads: 0, temporary: join(folder, "spill") });
  try {
    await openInteractions(db.connection, folder, { settings, objects: fileObjects(folder) }, hooks);
    const { validation, events } = await readParts(db.connection, settings, [MAIN]);
    const given = new Set(["method", "window"]);
    const { space, settingsOf } = tableSearch({ settings, table: MAIN, given, events });
    const work = new TableTrials(validation, MAIN, settings, hooks.signal);
    const value = async (point: Point) =>
      meanOf(await work.measure(settingsOf(point), validation.users)).mean;
    return { space, value };
  } finally {
    db.close();
    rmSync(folder, { recursive: true });
  }
}

async function run(trials: number, seeds: number): Promise<void> {
  const rocket = await retailRocket();
  const problems: [string, Problem][] = [
    ...Object.entries(FUNCTIONS),
    ...(rocket ? [["RetailRocket, NDCG@10", rocket] as [string, Problem]] : []),
  ];
  const rows: string[][] = [];
  for (const [name, problem] of problems) {
    console.error(`${name} ...`);
    const found = [await ours(problem, trials, seeds), await optuna(problem, trials, seeds)];
    const cells = found.map((values) => meanOf(Float64Array.from(values)));
    rows.push([
      name,
      ...cells.flatMap(({ mean, standardError }) => [mean.toFixed(4), standardError.toFixed(4)]),
    ]);
  }
  console.log(`The best of ${trials} trials, mean of ${seeds} seeds and its standard error; more is better`);
  console.log(table(["", "ours", "±", "Optuna", "±"], rows));
}

const { positive } = optionValues("bench:tune");
try {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { trials: text, seeds: text, help: { type: "boolean" } } });
  if (values.help) console.log(USAGE);
  else
    await run(positive("trials", values.trials ?? "60", 9999), positive("seeds", values.seeds ?? "20", 999));
} catch (error) {
  showProblem(error);
}
