import type { AttributionRow } from "../../contracts/http/attribution.ts";
import { lastDayOf } from "../../contracts/manifest.ts";
import type { Result } from "../../contracts/http/recommendation.ts";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { TOKEN_DAYS } from "../attribution/token.ts";
import { Counter, Histogram, Gauge, type Metric } from "./prometheus.ts";
import type { Store } from "../model/store.ts";
import type { Shop } from "../shop.ts";

/**
 * Attribution is counted for the models whose tokens hold, a few a day. The files have earlier
 * ones.
 */
const MODELS_COUNTED = TOKEN_DAYS + 3;
/** From the oldest model on: 2026-11-21.9 comes before 2026-11-21.10. */
const { compare: byAge } = new Intl.Collator("en", { numeric: true });

/** All that the recommender counts of itself, shown at GET /metrics of the operator's listener. */
export class ServiceMetrics {
  readonly requests = new Counter("steamer_requests_total", "requests by route and status", [
    "method",
    "route",
    "status",
  ]);
  readonly durations = new Histogram("steamer_request_duration_seconds", "time from head to answer");
  readonly refused = new Counter(
    "steamer_refused_total",
    "requests not taken on: overload, key, connections",
    ["reason"],
  );
  readonly looks = new Counter("steamer_looks_total", "looks at pointer and lists, by outcome", ["outcome"]);
  readonly swaps = new Counter("steamer_model_swaps_total", "models that were taken over", []);
  readonly results = new Counter("steamer_results_total", "results by source and scenario", [
    "source",
    "scenario",
  ]);
  readonly attributed = new Counter(
    "steamer_attribution_total",
    "accepted events: clicks / impressions is the click-through",
    ["event", "source", "scenario", "model"],
  );
  readonly #gauges: Metric[] = [];
  readonly #models: string[] = [];

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

  /** Shows what can be read of a shop, the store of its models, and the process. */
  watch({ model, failing }: Pick<Shop, "model" | "failing">, store: Store): void {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const ofModel = (read: (name: string) => number) => () => {
      const name = model.get()?.name;
      return name === undefined ? [] : [[{ model: name }, read(name)] as [Record<string, string>, number]];
    };
    const lookups = () => Object.entries({ made: store.lookups().made, failed: store.lookups().failed });
    this.#gauges.push(
      new Gauge(
        "steamer_model_age_seconds",
        "since the end of the model's last day",
        ofModel((name) => (Date.now() - Date.parse(lastDayOf(name)) - DAY_MS) / 1000),
      ),
      new Gauge(
        "steamer_model_items",
        "items of the model",
        ofModel(() => model.get()!.items),
      ),
      new Gauge("steamer_failing", "what could not be read, or written, at the last look", () =>
        failing().map((what) => [{ what }, 1]),
      ),
      new Gauge(
        "steamer_store_lookups_total",
        "lookups in Datastore",
        () => lookups().map(([outcome, count]) => [{ outcome }, count]),
        "counter",
      ),
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
    );
  }

  /** All of it, in Prometheus' text format. */
  text(): string {
    const { requests, durations, refused, looks, swaps, results, attributed } = this;
    const all = [requests, durations, refused, looks, swaps, results, attributed, ...this.#gauges];
    return all.flatMap((metric) => metric.lines()).join("\n") + "\n";
  }
}

const DAY_MS = 24 * 3600 * 1000;
