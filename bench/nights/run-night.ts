import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { paths } from "../../contracts/layout.ts";
import { STAGES, type Manifest, type StageName } from "../../contracts/manifest.ts";
import type { ExportMetrics } from "../../contracts/metrics.ts";
import { Problem } from "../../contracts/problem.ts";
import { COMPILE_CACHE } from "../run-json.ts";
import type { Build } from "./builds.ts";

/** `start`: from the process's start to the export's, with the look for the last day. */
export const PARTS = ["start", ...STAGES, "whole"] as const;
export type Part = "start" | StageName | "whole";

/** Seconds, and megabytes (10^6 bytes) that the process had resident at its peak. */
export interface Cost {
  wall: number;
  /** User and system time of all threads. */
  cpu: number;
  peak: number;
}

export interface Night {
  costs: Record<Part, Cost>;
  /** Folders of the days' interactions that the night pinned, below its data folder. */
  interactions: string[];
  /** When the parts began and ended, in milliseconds since 1970. */
  times: Record<Part, [from: number, to: number]>;
}

export interface NightTask {
  data: string;
  files: string[];
  threads: number;
  /** More options of `steamer nightly`. */
  args: string[];
  /** Options of node. */
  node?: string[];
  env?: NodeJS.ProcessEnv;
}

const SHOP = "bench";

/** The process at one time: milliseconds since 1970, CPU seconds so far, resident megabytes. */
interface Sample {
  at: number;
  cpu: number;
  memory: number;
}

const SAMPLE_EVERY_MS = 10;

/**
 * Runs `steamer nightly` of a build, and looks at the process from outside. The manifest says when
 * each stage began and ended; CPU in between is interpolated. So builds with other insides can be
 * compared, and nothing runs in the measured process that does not run at a shop.
 * @throws Problem with the end of what it printed when the night fails.
 */
export async function runNight({ root }: Build, task: NightTask): Promise<Night> {
  const args = ["--shop", SHOP, "--data", task.data, "--threads", `${task.threads}`, ...task.args];
  const command = [...(task.node ?? []), join(root, "bin/steamer.js"), "nightly", ...args];
  const began = Date.now();
  const child = spawn(process.execPath, [...command, "--events", ...task.files], {
    // Elsewhere a steamer.json could lie.
    cwd: task.data,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE, ...task.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (printed += text));
  const closed = once(child, "close");
  const samples: Sample[] = [{ at: began, cpu: 0, memory: 0 }];
  while (child.exitCode === null && child.signalCode === null) {
    const sample = sampleOf(child.pid!);
    if (sample) samples.push(sample);
    await setTimeout(SAMPLE_EVERY_MS);
  }
  const ended = Date.now();
  await closed;
  if (child.exitCode !== 0) throw nightFailed(root, printed);
  return describeNight(task.data, samples, [began, ended]);
}

const CLOCK_TICKS = 100;

/** From /proc; undefined once the process has ended. */
function sampleOf(pid: number): Sample | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const at = Date.now();
    // The second field is the program's name in brackets. CPU times are the 14th and 15th.
    const [user, system] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13)
      .map(Number);
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? [];
    return kilobytes
      ? { at, cpu: (user + system) / CLOCK_TICKS, memory: Number(kilobytes) * 1.024e-3 }
      : undefined;
  } catch {
    return undefined;
  }
}

function describeNight(data: string, samples: Sample[], whole: [number, number]): Night {
  const runs = readdirSync(join(data, paths.runs(SHOP))).sort();
  const file = join(data, paths.manifest(SHOP, runs.at(-1)!));
  const { stages } = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  const times = { start: [whole[0], Date.parse(stages.export.startedAt!)], whole } as Night["times"];
  for (const stage of STAGES)
    times[stage] = [Date.parse(stages[stage].startedAt!), Date.parse(stages[stage].finishedAt!)];
  const costOf = ([from, to]: [number, number]) => ({
    wall: (to - from) / 1000,
    cpu: cpuAt(samples, to) - cpuAt(samples, from),
    peak: Math.max(0, ...samples.filter(({ at }) => at >= from && at <= to).map(({ memory }) => memory)),
  });
  const costs = Object.fromEntries(PARTS.map((part) => [part, costOf(times[part])])) as Night["costs"];
  const { days } = stages.export.metrics as unknown as ExportMetrics;
  return { costs, times, interactions: days.map(({ interactions }) => join(data, interactions)) };
}

/** CPU seconds at a time, between the samples around it. */
function cpuAt(samples: Sample[], time: number): number {
  const next = samples.findIndex(({ at }) => at >= time);
  if (next <= 0) return next === 0 ? samples[0].cpu : samples.at(-1)!.cpu;
  const [a, b] = [samples[next - 1], samples[next]];
  return a.cpu + ((b.cpu - a.cpu) * (time - a.at)) / (b.at - a.at);
}

function nightFailed(root: string, printed: string): Problem {
  const why = `steamer nightly failed: ${printed.trimEnd().split("\n").slice(-8).join("\n")}`;
  return new Problem({ doing: `Running the night of ${root}`, why, next: "see what it says" });
}
