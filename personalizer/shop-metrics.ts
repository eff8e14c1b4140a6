import { modelGauges, type WatchedModel } from "../serving/model-gauges.ts";
import { Counter, type Metric } from "../serving/prometheus.ts";

/** What is counted of one shop. Each line has its name as the label `shop`. */
export class ShopMetrics {
  readonly looks: Counter;
  readonly swaps: Counter;
  readonly #shop: string;
  #gauges: Metric[] = [];

  constructor(shop: string) {
    this.#shop = shop;
    const counter = (name: string, help: string, labels: string[]) =>
      new Counter(name, help, labels, { shop });
    this.looks = counter("steamer_looks_total", "looks at pointer and lists, by outcome", ["outcome"]);
    this.swaps = counter("steamer_model_swaps_total", "models that were taken over", []);
  }

  watch(watched: WatchedModel): void {
    this.#gauges = modelGauges(this.#shop, watched);
  }

  all(): Metric[] {
    return [this.looks, this.swaps, ...this.#gauges];
  }
}
