import { processGauges } from "../../serving/process-gauges.ts";
import { Counter, Gauge, Histogram, textOf } from "../../serving/prometheus.ts";
import { ShopMetrics } from "./shop-metrics.ts";

/** All that the Personalizer counts of itself. */
export class ServiceMetrics {
  readonly calls = new Counter("steamer_calls_total", "calls by method and status", ["method", "status"]);
  readonly durations = new Histogram(
    "steamer_call_duration_seconds",
    "time from a call's head to its status",
  );
  /** Calls and streams at work now. */
  readonly atWork = { calls: 0, streams: 0 };
  readonly #shops: ShopMetrics[] = [];
  readonly #others = [
    new Gauge("steamer_at_work", "calls and streams at work", () =>
      Object.entries(this.atWork).map(([kind, count]) => [{ kind }, count]),
    ),
    ...processGauges(),
  ];

  /** The counts of a shop, which are shown from now on. */
  ofShop(name: string): ShopMetrics {
    const metrics = new ShopMetrics(name);
    this.#shops.push(metrics);
    return metrics;
  }

  /** All of it, in Prometheus' text format. */
  text(): string {
    const shops = this.#shops.flatMap((shop) => shop.all());
    return textOf([this.calls, this.durations, ...shops, ...this.#others]);
  }
}
