import { monitorEventLoopDelay } from "node:perf_hooks";
import { Gauge, type Metric } from "./prometheus.ts";

/** What is counted of a process, whatever it serves. */
export function processGauges(): Metric[] {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  return [
    new Gauge("process_resident_memory_bytes", "memory", () => [[{}, process.memoryUsage.rss()]]),
    new Gauge(
      "process_cpu_seconds_total",
      "processor time",
      () => [[{}, (process.cpuUsage().user + process.cpuUsage().system) / 1e6]],
      "counter",
    ),
    new Gauge("steamer_event_loop_delay_seconds", "longest since the last reading", () => {
      const longest = delay.max / 1e9;
      delay.reset();
      return [[{}, longest]];
    }),
  ];
}
