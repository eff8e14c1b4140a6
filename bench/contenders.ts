import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { datasetFolder } from "./datasets.ts";
import type { Measurement } from "./measure.ts";
import { peerFile, runJson } from "./run-json.ts";

export interface Contender {
  name: string;
  /**
   * The largest error of a score that its arithmetic can explain; a larger one is a wrong answer.
   */
  tolerance: number;
  /** A file of peers/; absent: ours. */
  script?: string;
  /** Needs minutes and 10 GB on the big set. */
  slow?: boolean;
}

/**
 * Ours rounds to millionths. Sums in float32 drift, always in one direction when all addends are
 * equal: by about 1e-3 for two items with a hundred thousand users in common. So float32 peers get
 * a wide tolerance. The others compute in float64.
 */
export const OURS: Contender = { name: "ours", tolerance: 0.51e-6 };
export const PEERS: Contender[] = [
  { name: "implicit", script: "implicit_cosine.py", tolerance: 1e-6 },
  { name: "sparse_dot_topn", script: "sparse_dot_topn_cosine.py", tolerance: 2e-3 },
  { name: "scipy", script: "scipy_blocks.py", tolerance: 2e-3 },
  { name: "duckdb", script: "duckdb_join.py", tolerance: 1e-6, slow: true },
];

export interface Task {
  folder: string;
  vectors: string;
  top: number;
  threads: number;
  /** Only the first so many users (ours alone). */
  users?: number;
}

/** Runs one contender in a process of its own; its answer goes to the folder `out`. */
export function compete({ script }: Contender, task: Task, out: string, python = ""): Measurement {
  const args = [task.folder, task.vectors, `${task.top}`, `${task.threads}`, out];
  const users = task.users === undefined ? [] : ["--users", `${task.users}`];
  const measured = script
    ? runJson(python, ["-W", "ignore", peerFile(script), ...args], task.threads)
    : runJson(process.execPath, [join(import.meta.dirname, "ours.ts"), ...args, ...users], task.threads);
  return measured as Measurement;
}

/** Fills Node's cache of compiled modules. */
export function compileOurs(): void {
  const out = mkdtempSync(join(tmpdir(), "bench-compile-"));
  const task = { folder: datasetFolder("small")!, vectors: "weighted", top: 1, threads: 1 };
  compete(OURS, task, out);
  rmSync(out, { recursive: true });
}

/** The largest error of each answer on a sample of items, against the definition in float64. */
export function checkAnswers(task: Task, answers: string[], python: string) {
  const args = [task.folder, task.vectors, `${task.top}`, ...answers];
  const checked = runJson(python, [peerFile("agreement.py"), ...args], task.threads);
  return checked as { items: number; errors: Record<string, number> };
}
