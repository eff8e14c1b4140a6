/** A thread that classifies texts: `session.run()` would stop the event loop of the server. */
import { parentPort, workerData } from "node:worker_threads";
import { createEncoder, type Cut, type Encoder } from "./encoder.ts";
import { openGraph, type Graph } from "./graph.ts";
import { groupByLength } from "./groups.ts";
import { probabilitiesOf, type Activation } from "./probabilities.ts";
import { tryOut } from "./trial.ts";

/** What a thread is made from; the bytes are shared between threads. */
export interface ThreadData extends Cut {
  graph: Uint8Array;
  tokenizer: Uint8Array;
  tokenizerConfig: Uint8Array;
  labels: number;
  activation: Activation;
  maxBatch: number;
}

/** What the model says of one text. */
export interface Scored {
  /** In the order of the labels. */
  probabilities: number[];
  truncated: boolean;
}

/** First whether the model can be used, then an outcome for each list of texts. */
export type FromThread =
  { ready: { steady: boolean } } | { refused: string } | { scored: Scored[] } | { failed: string };

const data = workerData as ThreadData;
const port = parentPort!;
const send = (message: FromThread) => port.postMessage(message);

async function open(): Promise<void> {
  const files = { tokenizer: data.tokenizer, config: data.tokenizerConfig };
  const encoder = createEncoder(files, data);
  const graph = await openGraph(data.graph, data.labels);
  const probabilities = (logits: Float32Array) => probabilitiesOf(logits, data.activation);
  const steady = await tryOut(graph, encoder, { maxTokens: data.maxTokens, probabilities });
  const most = steady ? data.maxBatch : 1;
  port.on("message", (texts: string[]) => {
    classify(texts, encoder, graph, most).then(
      (scored) => send({ scored }),
      (error: unknown) => send({ failed: (error as Error).message }),
    );
  });
  send({ ready: { steady } });
}

async function classify(
  texts: readonly string[],
  encoder: Encoder,
  graph: Graph,
  most: number,
): Promise<Scored[]> {
  const encoded = texts.map((text) => encoder.encode(text));
  const scored: Scored[] = [];
  const lengths = encoded.map(({ ids }) => ids.length);
  for (const group of groupByLength(lengths, most)) {
    const logits = await graph.run(
      group.map((place) => encoded[place].ids),
      encoder.padId,
    );
    group.forEach((place, row) => {
      const own = logits.subarray(row * data.labels, (row + 1) * data.labels);
      const probabilities = probabilitiesOf(own, data.activation);
      scored[place] = { probabilities, truncated: encoded[place].truncated };
    });
  }
  return scored;
}

open().catch((error: unknown) => send({ refused: (error as Error).message }));
