import { basename } from "node:path";
import { availableParallelism } from "node:os";
import type { Classification } from "../../contracts/inference.ts";
import { LANGUAGE_MODEL } from "../../contracts/layout.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { Crew } from "../engine/crew.ts";
import type { Scored } from "../engine/worker.ts";
import { readConfig } from "./config.ts";
import { parsed, readModelFiles, type ModelFolder } from "./files.ts";
import { sentimentsOf } from "./sentiments.ts";

/** A model that classifies. */
export interface LanguageModel {
  /** Tells it from one that takes its place. */
  name: string;
  /** Name and version, as answers have them. */
  title: string;
  /** False: its answers would depend on their neighbours, so it scores texts one at a time. */
  isSteady: boolean;
  isWorking(): boolean;
  load: Crew["load"];
  /** @throws as Crew's */
  classify(text: string, isWanted: () => boolean): Promise<Classification>;
  /** Ends its threads once the texts that wait are classified. */
  close(): Promise<void>;
}

/**
 * Loads a model, and starts its threads.
 * @param generation of the folder's model
 * @param troubled is told of a thread that has ended
 * @throws Problem when the model is broken or does not fit
 */
export async function loadModel(
  folder: ModelFolder,
  settings: Settings,
  generation: string,
  troubled: (error: unknown) => void,
): Promise<LanguageModel> {
  const { "inference.model": place, "inference.maxBatch": maxBatch, "inference.batchMs": batchMs } = settings;
  try {
    const files = await readModelFiles(folder, generation);
    const { labels, ...cut } = readConfig(
      files.config,
      parsed(LANGUAGE_MODEL.tokenizerConfig, files.tokenizerConfig),
    );
    const values = sentimentsOf(labels, settings["inference.labels"]);
    const { graph, tokenizer, tokenizerConfig } = files;
    const data = { graph, tokenizer, tokenizerConfig, ...cut, labels: labels.length, maxBatch };
    const threads = settings["inference.threads"] || Math.max(1, availableParallelism() - 1);
    const crew = await Crew.start(data, { threads, maxBatch, batchMs, troubled });
    const title = `${basename(place)}@${files.version}`;
    return {
      name: generation,
      title,
      isSteady: crew.isSteady,
      isWorking: () => crew.isWorking,
      get load() {
        return crew.load;
      },
      async classify(text, isWanted) {
        return { ...classified(await crew.classify(text, isWanted), labels, values), model: title };
      },
      close: () => crew.close(),
    };
  } catch (cause) {
    throw refused(place, cause as Error);
  }
}

/** A missing package is told by the command, which knows how to get it. */
function refused(place: string, cause: Error): Error {
  if ("code" in cause) return cause;
  const next =
    "put a text-classification model in Hugging Face's ONNX layout there, its config.json last, or name another with --inference.model (docs/INFERENCE.md)";
  return new Problem({ doing: `Loading the model of ${place}`, why: cause.message, next, cause });
}

function classified(
  { probabilities, truncated }: Scored,
  labels: readonly string[],
  values: readonly number[],
): Omit<Classification, "model"> {
  const best = probabilities.indexOf(Math.max(...probabilities));
  return {
    label: labels[best],
    score: probabilities[best],
    probabilities: probabilities.map((probability, k) => ({ label: labels[k], probability })),
    sentiment: sentimentOf(probabilities, values),
    truncated,
  };
}

/** The mean of what the labels stand for. One label alone stands for its contrary, too. */
function sentimentOf(probabilities: readonly number[], values: readonly number[]): number {
  const [[p], [value]] = [probabilities, values];
  if (values.length === 1) return p * value + (1 - p) * (1 - value);
  const weight = probabilities.reduce((sum, p) => sum + p, 0);
  const mean = probabilities.reduce((sum, p, k) => sum + p * values[k], 0) / weight;
  return Math.min(1, mean);
}
