import { readFileSync } from "node:fs";

/** One process's own measurements of its computation: seconds and megabytes (10^6 bytes). */
export interface Measurement {
  wall: number;
  /** User and system time of all threads. */
  cpu: number;
  /** Resident memory before the computation: the runtime, its libraries, the matrix. */
  before: number;
  /** Peak resident memory of the process. */
  peak: number;
}

/** Measures a computation of this process; peers/contender.py does the same in Python. */
export async function measure<T>(compute: () => Promise<T>): Promise<Measurement & { result: T }> {
  const before = process.memoryUsage.rss() / 1e6;
  const cpuBefore = cpuSeconds();
  const start = performance.now();
  const result = await compute();
  const wall = (performance.now() - start) / 1000;
  return { wall, cpu: cpuSeconds() - cpuBefore, before, peak: peakMegabytes(), result };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * From /proc where it exists: maxRSS can carry over a value from the starting process before exec.
 */
function peakMegabytes(): number {
  if (process.platform !== "linux") return (process.resourceUsage().maxRSS * 1024) / 1e6;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))!;
  return (Number(kilobytes) * 1024) / 1e6;
}
