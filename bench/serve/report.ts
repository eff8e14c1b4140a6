/** Loaded into a server before it starts (--import): tells whoever started it what it has used so far. */
import { monitorEventLoopDelay } from "node:perf_hooks";

export interface Report {
  /** User and system time of the process so far. */
  cpuMs: number;
  memory: NodeJS.MemoryUsage;
  /** The longest that the event loop came late since the last report. */
  longestPauseMs: number;
}

const RESOLUTION_MS = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

process.on("message", () => {
  const { user, system } = process.cpuUsage();
  // What is recorded is the time between two looks, of which one resolution is as it should be.
  const longestPauseMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
  delay.reset();
  process.send!({
    cpuMs: (user + system) / 1000,
    memory: process.memoryUsage(),
    longestPauseMs,
  } satisfies Report);
});
// Whoever asks keeps nobody alive.
process.channel?.unref();
process.on("disconnect", () => process.exit());
