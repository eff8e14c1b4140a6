import { processGauges } from "../../serving/process-gauges.ts";
import { textOf, type Metric } from "../../serving/prometheus.ts";
import { RequestMetrics } from "./request-metrics.ts";
import { ShopMetrics } from "./shop-metrics.ts";

/** All that the recommender counts of itself, shown at GET /metrics of the operator's listener. */
export class ServiceMetrics {
  /** Requests for no shop: health, and addresses that are none. */
  readonly others = new RequestMetrics();
  readonly #shops = new Map<string, ShopMetrics>();
  readonly #process = processGauges();
  readonly #shared: Metric[] = [];

  /** The counts of a shop, which are shown from now on. */
  ofShop(name: string): ShopMetrics {
    const metrics = this.#shops.get(name) ?? new ShopMetrics(name);
    this.#shops.set(name, metrics);
    return metrics;
  }

  /** Shows something that is of no shop alone. */
  show(metrics: readonly Metric[]): void {
    this.#shared.push(...metrics);
  }

  /** All of it, in Prometheus' text format. */
  text(): string {
    const shops = [...this.#shops.values()].flatMap((shop) => shop.all());
    return textOf([...this.others.all(), ...shops, ...this.#shared, ...this.#process]);
  }
}
