import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { alsKnobsOf, type AlsKnobs } from "../contracts/settings/als.ts";
import { defaultsOf, SETTING_NAMES, type Settings } from "../contracts/settings/settings.ts";
import { sparkEnvironment } from "../test/spark/job.ts";
import { venv } from "../test/venv.ts";
import { datasetFolder, describe, readDataset, SET_NAMES, type SetName } from "./datasets.ts";
import type { Measurement } from "./measure.ts";
import { optionValues } from "./option-values.ts";
import { count, median, millions, spread, table, times } from "./print-table.ts";
import { benchPython } from "./python.ts";
import { peerFile, runJson } from "./run-json.ts";
import { showProblem } from "./show-problem.ts";

/** Matrix factorisation against implicit and MLlib, at equal objectives: see README.md. */
const USAGE = `Usage: npm run bench:als -- [options]
  --sets LIST        of ${SET_NAMES.join(",")} (default: all)
  --factors LIST     (default: 64,128)
  --peers LIST       of implicit,cholesky,mllib (default: all)
  --iterations N     of each contender (default: 15)
  --rounds N         how often each contender runs (default: 3)
  --threads N        threads of each contender (default: 2)
  --slow             also run a peer where it takes more than ten minutes
  --help`;

const PEER_NAMES = ["implicit", "cholesky", "mllib"] as const;
type Name = "ours" | (typeof PEER_NAMES)[number];

/** MLlib scales lambda by a row's entries; implicit does not. Each objective is a contest. */
const CONTESTS: { exponent: number; names: Name[] }[] = [
  { exponent: 0, names: ["ours", "implicit", "cholesky"] },
  { exponent: 1, names: ["ours", "mllib"] },
];

interface Task {
  folder: string;
  knobs: AlsKnobs;
  threads: number;
}

type Result = Measurement & { loss: number };

const { chosen, positive, invalid } = optionValues("bench:als");

function main(args: string[]): void {
  const values = parse(args);
  if (values.help) return console.log(USAGE);
  const number = (name: "iterations" | "rounds" | "threads") => positive(name, values[name], 9999);
  const rounds = number("rounds");
  const names = ["ours", ...chosen("peers", values.peers, PEER_NAMES)] as Name[];
  const knobs = { ...alsKnobsOf(defaultsOf(SETTING_NAMES) as Settings), iterations: number("iterations") };
  const threads = number("threads");
  console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`);
  console.log(`${knobs.iterations} iterations, ${threads} threads, ${rounds} rounds`);
  for (const set of chosen("sets", values.sets, SET_NAMES)) {
    const folder = datasetFolder(set);
    if (!folder) {
      console.log(`\nSKIPPED ${set}: STEAMER_TEST_DATA does not name a folder with its events.`);
      continue;
    }
    for (const factors of values.factors.split(",").map((text) => positive("factors", text, 512))) {
      for (const { exponent, names: possible } of CONTESTS) {
        const task = { folder, knobs: { ...knobs, factors, exponent }, threads };
        const taking = possible.filter((name) => names.includes(name) && (values.slow || isQuick(name, set)));
        if (taking.length > 1) report(set, task, contest(taking, task, rounds));
      }
    }
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        sets: { type: "string" },
        peers: { type: "string" },
        factors: { type: "string", default: "64,128" },
        iterations: { type: "string", default: "15" },
        rounds: { type: "string", default: "3" },
        threads: { type: "string", default: "2" },
        slow: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (cause) {
    throw invalid((cause as Error).message);
  }
}

/** On big, MLlib takes an hour, and implicit's Cholesky a quarter of one. */
const isQuick = (name: Name, set: SetName) => set !== "big" || name === "ours" || name === "implicit";

/** All contenders in turns, so that the machine's other work affects each of them. */
function contest(names: Name[], task: Task, rounds: number): Map<Name, Result[]> {
  const results = new Map(names.map((name) => [name, [] as Result[]]));
  for (let round = 0; round < rounds; round++)
    for (const name of names) results.get(name)!.push(compete(name, task));
  return results;
}

/** Runs one contender in a process of its own; then the loss of what it found, by one program. */
function compete(name: Name, { folder, knobs, threads }: Task): Result {
  const out = mkdtempSync(join(tmpdir(), `bench-als-${name}-`));
  const json = JSON.stringify(knobs);
  const run = {
    ours: () =>
      runJson(
        process.execPath,
        [join(import.meta.dirname, "als/ours.ts"), folder, json, `${threads}`, out],
        threads,
      ),
    implicit: () => implicit("cg"),
    cholesky: () => implicit("cholesky"),
    mllib: () => {
      const python = venv("spark", join(import.meta.dirname, "../spark-jobs/requirements-test.txt"));
      const submit = `--master local[${threads}] --driver-memory 8g --conf spark.ui.enabled=false pyspark-shell`;
      const env = { ...sparkEnvironment(python), PYSPARK_SUBMIT_ARGS: submit };
      return runJson(python, [peerFile("als_mllib.py"), folder, json, `${threads}`, out], threads, env);
    },
  };
  const implicit = (solver: string) =>
    runJson(
      benchPython(),
      ["-W", "ignore", peerFile("als_implicit.py"), folder, json, solver, `${threads}`, out],
      threads,
    );
  try {
    const measured = run[name]() as Measurement;
    const loss = runJson(benchPython(), [peerFile("als_loss.py"), folder, json, out], threads) as number;
    return { ...measured, loss };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** What is printed of a result. Added: the peak less what the process had before. */
const columns = {
  wall: ({ wall }: Result) => wall,
  cpu: ({ cpu }: Result) => cpu,
  peak: ({ peak }: Result) => peak,
  added: ({ peak, before }: Result) => peak - before,
  loss: ({ loss }: Result) => loss,
};
type Column = keyof typeof columns;

function lossRatio(peer: number[], ours: number[]): string {
  return `${(median(peer) / median(ours)).toFixed(4)}x`;
}

function report(set: SetName, { folder, knobs }: Task, results: Map<Name, Result[]>): void {
  const { users, items, entries } = describe(readDataset(folder, { values: false }));
  console.log(
    `\n${set}: ${count(users)} users x ${count(items)} items, ${millions(entries)} entries; ` +
      `${knobs.factors} factors, lambda n^${knobs.exponent} (ratios: peer / ours)\n`,
  );
  const ours = results.get("ours")!;
  const rows = [...results].map(([name, rounds]) => {
    const values = (key: Column, of = rounds) => of.map((result) => columns[key](result));
    const ratio = (key: Column) => times(median(values(key)) / median(values(key, ours)));
    return [
      name,
      spread(values("wall"), 2),
      spread(values("cpu"), 2),
      spread(values("peak"), 0),
      spread(values("added"), 0),
      spread(values("loss"), 0),
      ...(name === "ours"
        ? ["", "", "", "", ""]
        : [
            ratio("wall"),
            ratio("cpu"),
            ratio("peak"),
            ratio("added"),
            lossRatio(values("loss"), values("loss", ours)),
          ]),
    ];
  });
  console.log(
    table(
      ["", "wall s", "CPU s", "peak MB", "added MB", "loss", "wall", "CPU", "peak", "added", "loss"],
      rows,
    ),
  );
}

try {
  main(process.argv.slice(2));
} catch (error) {
  showProblem(error);
}
