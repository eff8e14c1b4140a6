import type { AttributionRow } from "../../contracts/http/attribution.ts";
import type { Result } from "../../contracts/http/recommendation.ts";
import { TOKEN_DAYS } from "../attribution/token.ts";
import type { Store } from "../model/store.ts";
import { modelGauges, type WatchedModel } from "../../serving/model-gauges.ts";
import { Counter, Gauge, type Metric } from "../../serving/prometheus.ts";
import { RequestMetrics } from "./request-metrics.ts";

/**
 * Attribution is counted for the models whose tokens hold, a few a day. The files have earlier
 * ones.
 */
const MODELS_COUNTED = TOKEN_DAYS + 3;
/** From the oldest model on: 2026-11-21.9 comes before 2026-11-21.10. */
const { compare: byAge } = new Intl.Collator("en", { numeric: true });

/** What can be read of a shop when a scrape asks for it. */
export interface Watched extends WatchedModel {
  store: Pick<Store, "lookups">;
}

/** All that is counted of one shop. Each line has its name as the label `shop`. */
export class ShopMetrics extends RequestMetrics {
  readonly looks: Counter;
  readonly swaps: Counter;
  readonly results: Counter;
  readonly attributed: Counter;
  readonly #shop: string;
  readonly #others: Metric[] = [];
  readonly #models: string[] = [];

  constructor(shop: string) {
    super({ shop });
    const counter = (name: string, help: string, labels: string[]) =>
      new Counter(name, help, labels, { shop });
    this.#shop = shop;
    this.looks = counter("steamer_looks_total", "looks at pointer and lists, by outcome", ["outcome"]);
    this.swaps = counter("steamer_model_swaps_total", "models that were taken over", []);
    this.results = counter("steamer_results_total", "results by source and scenario", ["source", "scenario"]);
    this.attributed = counter(
      "steamer_attribution_total",
      "accepted events: clicks / impressions is the click-through",
      ["event", "source", "scenario", "model"],
    );
  }

  countResults(results: readonly Pick<Result, "source">[], scenario: string): void {
    // Results of a source stand together.
    for (let from = 0, k = 1; k <= results.length; k++) {
      if (results[k]?.source === results[from].source) continue;
      this.results.add([results[from].source, scenario], k - from);
      from = k;
    }
  }

  countEvent({ event, source, scenario, model }: AttributionRow): void {
    if (!this.#models.includes(model)) {
      this.#models.push(model);
      this.#models.sort(byAge);
      if (this.#models.length > MODELS_COUNTED) {
        const gone = this.#models.shift();
        if (gone === model) return;
        this.attributed.keep((labels) => labels["model"] !== gone);
      }
    }
    this.attributed.add([event, source, scenario, model]);
  }

  /** Shows what can be read of the shop, and of the store of its models. */
  watch({ store, ...watched }: Watched): void {
    this.#others.push(
      ...modelGauges(this.#shop, watched),
      new Gauge(
        "steamer_store_lookups_total",
        "lookups in Datastore",
        () => {
          const { made, failed } = store.lookups();
          return Object.entries({ made, failed }).map(([outcome, count]) => [
            { shop: this.#shop, outcome },
            count,
          ]);
        },
        "counter",
      ),
    );
  }

  /** Shows these too. */
  show(metrics: readonly Metric[]): void {
    this.#others.push(...metrics);
  }

  override all(): Metric[] {
    const { looks, swaps, results, attributed } = this;
    return [...super.all(), looks, swaps, results, attributed, ...this.#others];
  }
}
