/**
 * Loaded into a server before it starts (--import): reports its CPU time and memory to its parent.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";

export interface Report {
  /** User and system time of the process so far. */
  cpuMs: number;
  memory: NodeJS.MemoryUsage;
  /** The longest delay of the event loop since the last report. */
  longestPauseMs: number;
}

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  // The monitor records the time between two samples, which includes one resolution.
  const longestPauseMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
  delay.reset();
  process.send!({
    cpuMs: (user + system) / 1000,
    memory: process.memoryUsage(),
    longestPauseMs,
  } satisfies Report);
});
// The channel to the parent must not keep the process alive.
process.channel?.unref();
process.on("disconnect", () => process.exit());
