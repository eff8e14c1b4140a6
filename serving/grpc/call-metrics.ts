import { processGauges } from "../process-gauges.ts";
import { Counter, Gauge, Histogram, textOf, type Metric } from "../prometheus.ts";

/** What is counted of a gRPC server's calls, and of its process. */
export class CallMetrics {
  readonly calls = new Counter("steamer_calls_total", "calls by method and status", ["method", "status"]);
  readonly durations = new Histogram(
    "steamer_call_duration_seconds",
    "time from a call's head to its status",
  );
  /** Calls and streams at work now. */
  readonly atWork = { calls: 0, streams: 0 };
  readonly #others = [
    new Gauge("steamer_at_work", "calls and streams at work", () =>
      Object.entries(this.atWork).map(([kind, count]) => [{ kind }, count]),
    ),
    ...processGauges(),
  ];

  /** All of it, with the service's own, in Prometheus' text format. */
  text(own: readonly Metric[]): string {
    return textOf([this.calls, this.durations, ...own, ...this.#others]);
  }
}
