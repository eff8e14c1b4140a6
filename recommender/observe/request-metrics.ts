import { Counter, Histogram, type Labels, type Metric } from "../../serving/prometheus.ts";

/** Counts of requests: those for one shop, or those for none. */
export class RequestMetrics {
  readonly requests: Counter;
  readonly durations: Histogram;
  readonly refused: Counter;

  /** @param common the labels of all lines */
  constructor(common: Labels = {}) {
    const labels = ["method", "route", "status"];
    this.requests = new Counter("steamer_requests_total", "requests by route and status", labels, common);
    this.durations = new Histogram("steamer_request_duration_seconds", "time from head to answer", common);
    this.refused = new Counter(
      "steamer_refused_total",
      "requests not taken on: overload, key, connections",
      ["reason"],
      common,
    );
  }

  all(): Metric[] {
    return [this.requests, this.durations, this.refused];
  }
}
