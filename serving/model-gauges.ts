import { lastDayOf } from "../contracts/manifest.ts";
import { Gauge, type Labels, type Metric } from "./prometheus.ts";

const DAY_MS = 24 * 3600 * 1000;

/** What a gauge reads of a model. */
interface Measured {
  name: string;
  items: number;
}

/** What can be read of a shop when a scrape asks for it. */
export interface WatchedModel {
  model: { get(): Measured | null };
  /**
   * The things that could not be read or written at the last attempt, in words that anybody may
   * see.
   */
  failing(): string[];
}

/** The gauges of a shop's model. Each line has the shop as its label `shop`. */
export function modelGauges(shop: string, { model, failing }: WatchedModel): Metric[] {
  const own = (labels: Labels): Labels => ({ shop, ...labels });
  const ofModel = (read: (model: Measured) => number) => () => {
    const current = model.get();
    return current ? [[own({ model: current.name }), read(current)] as [Labels, number]] : [];
  };
  return [
    new Gauge(
      "steamer_model_age_seconds",
      "since the end of the model's last day",
      ofModel(({ name }) => (Date.now() - Date.parse(lastDayOf(name)) - DAY_MS) / 1000),
    ),
    new Gauge(
      "steamer_model_items",
      "items of the model",
      ofModel(({ items }) => items),
    ),
    new Gauge("steamer_failing", "what could not be read, or written, at the last look", () =>
      failing().map((what) => [own({ what }), 1]),
    ),
  ];
}
