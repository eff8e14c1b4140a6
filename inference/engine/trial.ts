import type { Encoder } from "./encoder.ts";
import type { Graph } from "./graph.ts";

/** Lengths of the texts that are tried alone and together. */
const LENGTHS = [3, 9, 17, 40];
/** Longest text that is tried: it takes the square of its length. */
const LONGEST = 1024;
/** More than this is not the noise of adding up in another order. */
const NOISE = 1e-5;

/** What a trial needs to know. */
export interface Tried {
  maxTokens: number;
  /** The probabilities of one text. */
  probabilities(logits: Float32Array): number[];
}

/**
 * Tries a model before anybody asks it.
 * @returns true if a text's answer does not depend on its neighbours in a batch
 * @throws Error with a reason for people when graph and tokenizer do not fit
 */
export async function tryOut(
  graph: Graph,
  encoder: Encoder,
  { maxTokens, probabilities }: Tried,
): Promise<boolean> {
  const { largestId, padId } = encoder;
  const run = (texts: number[][]) => graph.run(texts, padId);
  const text = (length: number) => Array.from({ length }, (_, k) => idOf(k * 7919 + length, encoder));
  await explained(() => run([encoder.encode("a").ids]), "a first text cannot be classified");
  await explained(
    () => run([[largestId]]),
    `the vocabulary has ids up to ${largestId}, and the graph cannot look up the last: another model's tokenizer?`,
  );
  await explained(
    () => run([text(Math.min(maxTokens, LONGEST))]),
    `config.json says that the model reads ${maxTokens} tokens, and the graph does not`,
  );
  const texts = LENGTHS.map((length) => text(Math.min(length, maxTokens)));
  const together = await run(texts);
  const labels = together.length / texts.length;
  for (const [k, ids] of texts.entries()) {
    const alone = probabilities(await run([ids]));
    const inBatch = probabilities(together.subarray(k * labels, (k + 1) * labels));
    if (alone.some((p, label) => Math.abs(p - inBatch[label]) > NOISE)) return false;
  }
  return true;
}

/** Ids all over the vocabulary, but none that stands for padding. */
function idOf(seed: number, { largestId, padId }: Encoder): number {
  const id = seed % (largestId + 1);
  return id === padId ? (id + 1) % (largestId + 1) : id;
}

async function explained(run: () => Promise<unknown>, what: string): Promise<void> {
  try {
    await run();
  } catch (cause) {
    throw new Error(`${what} (${(cause as Error).message})`, { cause });
  }
}
