import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDB } from "../../adapters/local/duckdb.ts";
import type { Measurement } from "../measure.ts";
import { runJson } from "../run-json.ts";
import type { Build } from "./builds.ts";
import type { Input } from "./inputs.ts";
import { runNight, type Cost, type Night, type NightTask, type Part } from "./run-night.ts";
import { compareRows } from "./same-rows.ts";
import { carefulStatement, plainStatement } from "./statement.ts";

/** One contender's nights of one round, in turn, on one data folder. */
export type Round = Record<Part, Cost>[];

/** What every contender does: nights, each with its files and more options. */
export interface Task {
  name: string;
  nights: { input: Input; args: string[] }[];
  threads: number;
}

export interface Result {
  task: Task;
  plain: Measurement[];
  builds: { name: string; rounds: Round[] }[];
  /** Rows of interactions that the plain statement writes. */
  rows: number;
  /** Rows that only one of two has, over all builds and rounds. */
  differing: number;
}

/**
 * Lets the plain statement and each build work in turn, in several rounds: so the machine's other
 * work affects each of them. The interactions of a round's last night are compared, row for row,
 * with those of the plain statement.
 */
export async function contest(builds: Build[], tasks: Task[], rounds: number, db: DuckDB): Promise<Result[]> {
  const results = tasks.map((task): Result => ({
    task,
    plain: [],
    builds: builds.map(({ name }) => ({ name, rounds: [] })),
    rows: 0,
    differing: 0,
  }));
  for (let round = 0; round < rounds; round++)
    for (const result of results) await addRound(result, builds, db);
  return results;
}

async function addRound(result: Result, builds: Build[], db: DuckDB): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-night-"));
  try {
    const file = join(folder, "plain.parquet");
    result.plain.push(runPlain(result.task, folder, file));
    const careful = carefulStatement(result.task.nights.at(-1)!.input, file);
    if (careful) await db.connection.run(careful);
    for (const [k, build] of builds.entries()) {
      const nights = await runNights(build, result.task, join(folder, `${k}`));
      result.builds[k].rounds.push(nights.map(({ costs }) => costs));
      const { rows, differing } = await compareRows(db, { file }, { folders: nights.at(-1)!.interactions });
      result.rows = rows;
      result.differing += differing;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The statement reads what the last night reads. */
function runPlain({ nights, threads }: Task, folder: string, target: string): Measurement {
  const sql = join(folder, "plain.sql");
  writeFileSync(sql, plainStatement(nights.at(-1)!.input, target));
  const args = [join(import.meta.dirname, "plain.ts"), sql, `${threads}`, join(folder, "spill")];
  return runJson(process.execPath, args, threads) as Measurement;
}

/** Runs a task's nights, in turn, on a new data folder. */
export async function runNights(
  build: Build,
  { nights, threads }: Task,
  data: string,
  more: Pick<NightTask, "node" | "env"> = {},
): Promise<Night[]> {
  mkdirSync(data);
  const ran: Night[] = [];
  for (const { input, args } of nights)
    ran.push(await runNight(build, { data, files: input.files, threads, args, ...more }));
  return ran;
}
