import { Counter, Gauge, type Metric } from "../serving/prometheus.ts";
import type { LanguageModel } from "./model/model.ts";

/** What is counted of models, beside calls. */
export class ModelMetrics {
  readonly looks = new Counter("steamer_looks_total", "looks at the model's folder, by outcome", ["outcome"]);
  readonly swaps = new Counter("steamer_model_swaps_total", "models that were taken over", []);
  readonly ended = new Counter(
    "steamer_threads_ended_total",
    "threads that ended, or could not be started",
    [],
  );
  readonly truncated = new Counter("steamer_texts_truncated_total", "texts longer than the model reads", []);

  /** All of it, with what can be read of the current model. */
  all(model: () => LanguageModel | null, isFailing: () => boolean): Metric[] {
    const load = () => model()?.load ?? { waiting: 0, atWork: 0 };
    return [
      this.looks,
      this.swaps,
      this.ended,
      this.truncated,
      new Gauge("steamer_texts", "texts that wait for a thread, and that threads have", () => [
        [{ state: "waiting" }, load().waiting],
        [{ state: "at work" }, load().atWork],
      ]),
      new Gauge("steamer_model", "the model that answers", () => {
        const current = model();
        return current ? [[{ model: current.title }, 1]] : [];
      }),
      new Gauge("steamer_failing", "what could not be read at the last look", () =>
        isFailing() ? [[{ what: "the model" }, 1]] : [],
      ),
    ];
  }
}
