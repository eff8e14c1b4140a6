import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import { readSettings } from "../adapters/settings.ts";
import { fileObjects } from "../adapters/storage/files.ts";
import { LANGUAGE_MODEL } from "../contracts/layout.ts";
import { Problem } from "../contracts/problem.ts";
import { Random } from "../core/random.ts";
import { Crew } from "../inference/engine/crew.ts";
import { createEncoder } from "../inference/engine/encoder.ts";
import { openGraph } from "../inference/engine/graph.ts";
import { groupByLength } from "../inference/engine/groups.ts";
import type { ThreadData } from "../inference/engine/worker.ts";
import { readConfig } from "../inference/model/config.ts";
import { generationOf, parsed, readModelFiles } from "../inference/model/files.ts";
import { optionValues } from "./option-values.ts";
import { spread, table } from "./print-table.ts";
import { showProblem } from "./show-problem.ts";

/** How long the event loop stands still while texts are classified: see README.md. */
const USAGE = `Usage: npm run bench:inference -- [options]
  --model FOLDER  (default: the setting inference.model)
  --texts N       texts of a round (default: 500)
  --batch N       texts at once (default: 32)
  --rounds N      how often each contender runs, in turn (default: 5)
  --help`;

const { positive } = optionValues("bench:inference");

/** Classifies texts, at most `batch` at once. */
type Contender = (texts: readonly string[]) => Promise<void>;

/** Milliseconds that the loop stood still at the longest, and texts a second. */
interface Round {
  pause: number;
  rate: number;
}

async function main(args: string[]): Promise<void> {
  const text = (value?: string) => ({ type: "string" as const, ...(value && { default: value }) });
  const options = { model: text(), texts: text("500"), batch: text("32"), rounds: text("5") };
  const { values } = parseArgs({ args, options: { ...options, help: { type: "boolean", default: false } } });
  if (values.help) return console.log(USAGE);
  const batch = positive("batch", values.batch!, 1024);
  const texts = reviews(positive("texts", values.texts!, 100_000));
  const folder = values.model ?? readSettings({})["inference.model"];
  const data = await threadData(folder, batch);
  const crew = await Crew.start(data, { threads: 1, maxBatch: batch, batchMs: 2, troubled: console.error });
  const contenders = { "a worker thread": inThread(crew), "the main thread": await inPlace(data) };
  const rounds = await contest(contenders, texts, positive("rounds", values.rounds!, 1000));
  const row = ([name, own]: [string, Round[]]) => [
    name,
    ...(["pause", "rate"] as const).map((key) =>
      spread(
        own.map((round) => round[key]),
        key === "pause" ? 1 : 0,
      ),
    ),
  ];
  console.log(table(["session.run() in", "longest pause, ms", "texts/s"], Object.entries(rounds).map(row)));
  await crew.close();
}

async function contest(
  contenders: Record<string, Contender>,
  texts: readonly string[],
  rounds: number,
): Promise<Record<string, Round[]>> {
  const found: Record<string, Round[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, classify] of Object.entries(contenders)) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const startedAt = performance.now();
      await classify(texts);
      const seconds = (performance.now() - startedAt) / 1000;
      // The histogram counts a pause when the loop runs again.
      await setImmediate();
      delay.disable();
      (found[name] ??= []).push({ pause: delay.max / 1e6, rate: texts.length / seconds });
    }
  }
  return found;
}

function inThread(crew: Crew): Contender {
  return async (texts) => void (await Promise.all(texts.map((text) => crew.classify(text, () => true))));
}

async function inPlace(data: ThreadData): Promise<Contender> {
  const encoder = createEncoder({ tokenizer: data.tokenizer, config: data.tokenizerConfig }, data);
  const graph = await openGraph(data.graph, data.labels);
  return async (texts) => {
    for (let from = 0; from < texts.length; from += data.maxBatch) {
      const encoded = texts.slice(from, from + data.maxBatch).map((text) => encoder.encode(text).ids);
      const groups = groupByLength(
        encoded.map((ids) => ids.length),
        data.maxBatch,
      );
      for (const group of groups) {
        await graph.run(
          group.map((place) => encoded[place]),
          encoder.padId,
        );
      }
      await setImmediate();
    }
  };
}

async function threadData(place: string, maxBatch: number): Promise<ThreadData> {
  const folder = fileObjects(place);
  const generation = await generationOf(folder);
  if (generation === undefined) {
    const next = "make it by `npm run model:sentiment`, or name another with --model";
    throw new Problem({ doing: `Reading the model of ${place}`, why: "there is none", next });
  }
  const { config, ...files } = await readModelFiles(folder, generation);
  const { labels, ...own } = readConfig(
    config,
    parsed(LANGUAGE_MODEL.tokenizerConfig, files.tokenizerConfig),
  );
  return { ...files, ...own, labels: labels.length, maxBatch };
}

const WORDS = "it the this works great broke after two days cheap sound case phone love waste money".split(
  " ",
);

/** Texts of 5 to 60 words. */
function reviews(count: number): string[] {
  const random = new Random(1, 2, 3);
  const below = (most: number) => Math.floor(random.next() * most);
  return Array.from({ length: count }, () =>
    Array.from({ length: 5 + below(56) }, () => WORDS[below(WORDS.length)]).join(" "),
  );
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  showProblem(error);
}
