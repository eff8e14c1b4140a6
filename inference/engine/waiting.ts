import type { Scored } from "./worker.ts";

/** Bytes of a batch beyond which no further text is added: it keeps a thread for seconds. */
const MOST_BYTES = 1 << 14;

/** A text that waits to be classified. */
export interface Waiting {
  text: string;
  /** Since when, in milliseconds. */
  since: number;
  /** It was in a batch that ended its thread: it is tried once more, alone. */
  isSuspect: boolean;
  /** False: nobody waits for it any more. */
  isWanted(): boolean;
  resolve(scored: Scored): void;
  reject(error: unknown): void;
}

/** Texts in the order in which they came, and the batches that are made of them. */
export class WaitingTexts {
  readonly #maxBatch: number;
  readonly #batchMs: number;
  #texts: Waiting[] = [];

  constructor(maxBatch: number, batchMs: number) {
    this.#maxBatch = maxBatch;
    this.#batchMs = batchMs;
  }

  get length(): number {
    return this.#texts.length;
  }

  add(...texts: Waiting[]): void {
    this.#texts.push(...texts);
  }

  /** Forgets the texts that nobody waits for. */
  drop(error: () => Error): void {
    const isWanted = Map.groupBy(this.#texts, (text) => text.isWanted());
    for (const text of isWanted.get(false) ?? []) text.reject(error());
    this.#texts = isWanted.get(true) ?? [];
  }

  /** Milliseconds until a batch should be taken, if there is a text: 0 for a full one. */
  dueIn(now: number): number {
    if (this.#texts.length >= this.#maxBatch || this.#texts[0]?.isSuspect) return 0;
    const oldest = this.#texts[0]?.since ?? now;
    return Math.max(0, oldest + this.#batchMs - now);
  }

  /** The next batch, the oldest first. */
  take(): Waiting[] {
    if (this.#texts[0]?.isSuspect) return this.#texts.splice(0, 1);
    let bytes = 0;
    const isFull = ({ text, isSuspect }: Waiting, k: number) => {
      bytes += Buffer.byteLength(text);
      return k > 0 && (k === this.#maxBatch || isSuspect || bytes > MOST_BYTES);
    };
    const end = this.#texts.findIndex(isFull);
    return this.#texts.splice(0, end < 0 ? this.#texts.length : end);
  }
}
