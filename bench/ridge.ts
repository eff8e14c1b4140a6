import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { venv } from "../test/venv.ts";
import { compete, compileOurs, OURS } from "./contenders.ts";
import { datasetFolder, describe, readDataset, SET_NAMES, type SetName } from "./datasets.ts";
import type { Measurement } from "./measure.ts";
import { optionValues } from "./option-values.ts";
import { count, median, millions, spread, table, times } from "./print-table.ts";
import { quality } from "./ridge/quality.ts";
import { peerFile, runJson } from "./run-json.ts";
import { showProblem } from "./show-problem.ts";

/** The method ridge beside SANSA, EASE, and the same blocks through LAPACK: see README.md. */
const USAGE = `Usage: npm run bench:ridge -- [options]
  --sets LIST      of ${SET_NAMES.join(",")} (default: all)
  --peers LIST     of lapack,sansa,ease (default: all)
  --rounds N       how often each contender runs (default: 3)
  --threads N      threads of each contender (default: 2)
  --slow           also run a peer where it takes many minutes or gigabytes
  --no-quality     leave out NDCG@10 on RetailRocket
  --help`;

const PEER_NAMES = ["lapack", "sansa", "ease"] as const;
type Name = "ours" | (typeof PEER_NAMES)[number];

/** An inverse takes n^3 multiplications and 8 n^2 bytes; SANSA needs all co-counts. */
const MOST_ITEMS = 12_000;
const MANY_PAIRS = 100e6;

const { chosen, positive, invalid } = optionValues("bench:ridge");

try {
  main(process.argv.slice(2));
} catch (error) {
  showProblem(error);
}

function main(args: string[]): void {
  const values = parse(args);
  if (values.help) return console.log(USAGE);
  const names = chosen("peers", values.peers, PEER_NAMES);
  const [rounds, threads] = [
    positive("rounds", values.rounds, 9999),
    positive("threads", values.threads, 64),
  ];
  const python = venv("bench-ridge", join(import.meta.dirname, "requirements-ridge.txt"));
  console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}`);
  console.log(`${threads} threads, ${rounds} rounds; ratios: peer / ours`);
  compileOurs();
  for (const set of chosen("sets", values.sets, SET_NAMES)) {
    const folder = datasetFolder(set);
    if (!folder) console.log(`\nSKIPPED ${set}: STEAMER_TEST_DATA does not name a folder with its events.`);
    else runSet(set, folder, { names, rounds, threads, python, slow: values.slow });
  }
  if (values.quality) console.log(`\n${quality(names, { threads, python })}`);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowNegative: true,
      options: {
        sets: { type: "string" },
        peers: { type: "string" },
        rounds: { type: "string", default: "3" },
        threads: { type: "string", default: "2" },
        slow: { type: "boolean", default: false },
        quality: { type: "boolean", default: true },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (cause) {
    throw invalid((cause as Error).message);
  }
}

interface Setting {
  names: readonly Name[];
  rounds: number;
  threads: number;
  python: string;
  slow: boolean;
}

function runSet(set: SetName, folder: string, { names, rounds, threads, python, slow }: Setting): void {
  const about = describe(readDataset(folder, { values: false }));
  console.log(
    `\n${set}: ${count(about.users)} users x ${count(about.items)} items, ${millions(about.entries)} interactions\n`,
  );
  const isSlow = (name: Name) =>
    name === "ease" ? about.items > MOST_ITEMS : name === "sansa" && about.pairs > MANY_PAIRS;
  const taking = ["ours" as const, ...names].filter((name) => {
    const skip = isSlow(name) && !slow;
    if (skip) console.log(`SKIPPED ${name} on ${set}: it takes many minutes or gigabytes; --slow runs it.`);
    return !skip;
  });
  const results = new Map<Name, Measurement[]>(taking.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const answers = taking.map((name) => [name, mkdtempSync(join(tmpdir(), `bench-${name}-`))] as const);
    for (const [name, out] of answers) results.get(name)!.push(run(name, { folder, threads, python }, out));
    const { ours, lapack } = Object.fromEntries(answers);
    if (lapack) console.log(`ours and lapack: ${differences(ours, lapack)}`);
    for (const [, out] of answers) rmSync(out, { recursive: true });
  }
  console.log(`\n${resultTable(results)}`);
}

function run(
  name: Name,
  { folder, threads, python }: { folder: string; threads: number; python: string },
  out: string,
) {
  if (name === "ours") return compete(OURS, { folder, vectors: "ridge", top: 50, threads }, out);
  const script = peerFile(`ridge_${name}.py`);
  return runJson(python, ["-W", "ignore", script, folder, `${threads}`, out], threads) as Measurement;
}

/** How many scores of equal rank are more than a millionth apart. */
function differences(one: string, other: string): string {
  const read = (folder: string) =>
    new Float64Array(new Uint8Array(readFileSync(join(folder, "score.f64"))).buffer);
  const [a, b] = [read(one), read(other)];
  const apart = a.reduce((sum, score, k) => sum + (Math.abs(score - b[k]) > 1.01e-6 ? 1 : 0), 0);
  return `${count(apart)} of ${count(a.length)} scores of equal rank are more than a millionth apart`;
}

function resultTable(results: Map<Name, Measurement[]>): string {
  const columns = { wall: 2, cpu: 2, peak: 0 } as const;
  const names = Object.keys(columns) as (keyof typeof columns)[];
  const of = (name: Name, column: keyof typeof columns) => results.get(name)!.map((m) => m[column]);
  const ratio = (name: Name, column: keyof typeof columns) =>
    name === "ours" ? "" : times(median(of(name, column)) / median(of("ours", column)));
  const rows = [...results.keys()].map((name) => [
    name,
    ...names.map((column) => spread(of(name, column), columns[column])),
    ...names.map((column) => ratio(name, column)),
  ]);
  return table(["", "wall s", "CPU s", "peak MB", "wall", "CPU", "peak"], rows);
}
