import type { Settings } from "../contracts/settings/settings.ts";
import { follow, logLook, type Following, type NewsLog } from "../serving/following.ts";
import type { Look } from "../serving/looks.ts";
import { Pointed } from "../serving/pointed.ts";
import type { ModelMetrics } from "./metrics.ts";
import { generationOf, type ModelFolder } from "./model/files.ts";
import { loadModel, type LanguageModel } from "./model/model.ts";
import { noModel } from "./refusals.ts";

/** The model that classifies now. It is replaced when the one in its folder is. */
export class CurrentModel {
  readonly following: Following;
  readonly #pointed: Pointed<LanguageModel>;
  readonly #settings: Settings;
  readonly #changed: () => void;

  /** @param changed is told that there is another model, or that its threads come and go */
  constructor(
    folder: ModelFolder,
    settings: Settings,
    { log, metrics, changed }: { log: NewsLog; metrics: ModelMetrics; changed(): void },
  ) {
    this.#settings = settings;
    const troubled = (error: unknown) => {
      metrics.ended.add([]);
      log.error({ err: error }, (error as Error).message);
      changed();
    };
    this.#pointed = new Pointed(
      async () => {
        const generation = await generationOf(folder);
        return generation === undefined ? undefined : { model: generation };
      },
      (generation) => loadModel(folder, settings, generation, troubled),
    );
    this.#changed = () => {
      metrics.swaps.add([]);
      changed();
    };
    this.following = follow([() => this.look()], (seen) => {
      metrics.looks.add([seen.problems.length > 0 ? "failed" : "done"]);
      logLook(seen, log, { model: this.get()?.title ?? "none" });
    });
  }

  /** Takes a model over that has come since the last look. It never throws. */
  async look(): Promise<Look> {
    const before = this.get();
    const seen = await this.#pointed.refresh();
    const now = this.get();
    if (now === null || now === before) return seen;
    this.#changed();
    // It answers the texts that it has.
    void before?.close();
    return { ...seen, news: [...seen.news, ...newsOf(now)] };
  }

  get(): LanguageModel | null {
    return this.#pointed.get();
  }

  /** @throws Refusal while there is none. */
  model(): LanguageModel {
    const current = this.get();
    if (!current) throw noModel(this.#settings["inference.model"]);
    return current;
  }

  get isFailing(): boolean {
    return this.#pointed.isFailing;
  }

  async close(): Promise<void> {
    this.following.stop();
    await this.get()?.close();
  }
}

/** That a model cannot be trusted with batches is worth a line: it costs time. */
const newsOf = ({ isSteady }: LanguageModel) =>
  isSteady
    ? []
    : [
        "the model's answers depend on the other texts of a batch (its activations are quantized?), so each text is classified alone",
      ];
