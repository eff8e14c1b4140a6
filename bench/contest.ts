import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkAnswers, compete, OURS, type Contender, type Task } from "./contenders.ts";
import type { Description } from "./datasets.ts";
import type { Measurement } from "./measure.ts";
import { count, median, spread, table, times } from "./print-table.ts";

export interface Result {
  name: string;
  rounds: Measurement[];
  /** The largest error of a checked score, over all rounds; absent when not checked. */
  error?: number;
  agrees: boolean;
}

/**
 * Lets all contenders compute the same neighbours, one after the other, in several rounds. So the
 * machine's other work affects each of them. Every answer of every round is checked.
 */
export function contest(
  contenders: Contender[],
  task: Task,
  rounds: number,
  python: string | undefined,
): Result[] {
  const results = contenders.map(({ name }): Result => ({ name, rounds: [], agrees: true }));
  for (let round = 0; round < rounds; round++) {
    const answers = contenders.map(({ name }) => mkdtempSync(join(tmpdir(), `bench-${name}-`)));
    try {
      contenders.forEach((contender, c) =>
        results[c].rounds.push(compete(contender, task, answers[c], python)),
      );
      if (!python) continue;
      const { errors } = checkAnswers(task, answers, python);
      contenders.forEach(({ tolerance }, c) => {
        results[c].error = Math.max(results[c].error ?? 0, errors[answers[c]]);
        results[c].agrees = results[c].error <= tolerance;
      });
    } finally {
      for (const answer of answers) rmSync(answer, { recursive: true, force: true });
    }
  }
  return results;
}

/** Each contender's time and memory, and their ratios to ours. */
export function contestTable(results: Result[]): string {
  const ours = results.find(({ name }) => name === OURS.name)!;
  const header = [
    "",
    "wall s",
    "CPU s",
    "peak MB",
    "added MB",
    "wall",
    "CPU",
    "peak",
    "added",
    "largest error",
  ];
  const rows = results.map(({ name, rounds, error, agrees }) => {
    const ratio = (of: (m: Measurement) => number) =>
      times(median(rounds.map(of)) / median(ours.rounds.map(of)));
    return [
      name,
      spread(rounds.map(wall), 2),
      spread(rounds.map(cpu), 2),
      spread(rounds.map(peak), 0),
      spread(rounds.map(added), 0),
      ...(name === OURS.name ? ["", "", "", ""] : [wall, cpu, peak, added].map(ratio)),
      error === undefined ? "not checked" : `${error.toExponential(1)}${agrees ? "" : " DISAGREES"}`,
    ];
  });
  return table(header, rows);
}

/**
 * Our time and memory as the interactions double: the first users of a set, then twice as many, and
 * so on.
 */
export function scaling(task: Task, sizes: Description[], rounds: number) {
  const out = mkdtempSync(join(tmpdir(), "bench-scaling-"));
  try {
    const results = sizes.map((): Measurement[] => []);
    for (let round = 0; round < rounds; round++) {
      sizes.forEach(({ users }, k) => results[k].push(compete(OURS, { ...task, users }, out)));
    }
    return sizes.map((size, k) => ({ ...size, rounds: results[k] }));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

export function scalingTable(results: ReturnType<typeof scaling>): string {
  const header = ["interactions", "pairs", "wall s", "CPU s", "CPU ns a pair", "peak MB", "added MB"];
  header.push("added MB a further million");
  const memory = results.map(({ rounds }) => median(rounds.map(added)));
  const rows = results.map(({ entries, pairs, rounds }, k) => [
    count(entries),
    count(pairs),
    spread(rounds.map(wall), 2),
    spread(rounds.map(cpu), 2),
    ((median(rounds.map(cpu)) / pairs) * 1e9).toFixed(1),
    spread(rounds.map(peak), 0),
    spread(rounds.map(added), 0),
    k === 0 ? "" : (((memory[k] - memory[k - 1]) / (entries - results[k - 1].entries)) * 1e6).toFixed(1),
  ]);
  return table(header, rows);
}

const wall = (m: Measurement) => m.wall;
const cpu = (m: Measurement) => m.cpu;
const peak = (m: Measurement) => m.peak;
const added = (m: Measurement) => m.peak - m.before;
