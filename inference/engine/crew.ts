import { setTimeout as pause } from "node:timers/promises";
import { gone } from "../../serving/grpc/refusals.ts";
import { startThread, ThreadEnded, type Thread } from "./thread.ts";
import { WaitingTexts, type Waiting } from "./waiting.ts";
import type { Scored, ThreadData } from "./worker.ts";

/** Pause before a thread that has ended is started again; each further one is twice as long. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 30_000;

export interface CrewOptions {
  threads: number;
  maxBatch: number;
  /** Milliseconds that a text waits for others at most, while a thread is free. */
  batchMs: number;
  /** Is told of a thread that has ended, or could not be started again. */
  troubled(error: unknown): void;
  /** Starts a thread. */
  start?: typeof startThread;
}

/** The threads of one model, and the texts that wait for them. */
export class Crew {
  readonly #data: ThreadData;
  readonly #options: CrewOptions;
  readonly #waiting: WaitingTexts;
  readonly #threads = new Set<Thread>();
  readonly #free: Thread[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #emptied = Promise.withResolvers<void>();
  #atWork = 0;

  /** @throws Error with a reason for people when the model cannot be used */
  static async start(data: ThreadData, options: CrewOptions): Promise<Crew> {
    const crew = new Crew(data, options);
    // One thread judges the model before the others take memory.
    crew.#take(await crew.#start());
    await Promise.all(
      Array.from({ length: options.threads - 1 }, async () => crew.#take(await crew.#start())),
    ).catch(async (error: unknown) => {
      await crew.close();
      throw error;
    });
    return crew;
  }

  private constructor(data: ThreadData, options: CrewOptions) {
    this.#data = data;
    this.#options = options;
    this.#waiting = new WaitingTexts(options.maxBatch, options.batchMs);
  }

  /** True if there is a thread that classifies. */
  get isWorking(): boolean {
    return this.#threads.size > 0;
  }

  /** False: texts are scored one at a time. */
  get isSteady(): boolean {
    return [...this.#threads].every(({ steady }) => steady);
  }

  /** Texts that wait for a thread, and texts that a thread has. */
  get load(): { waiting: number; atWork: number } {
    return { waiting: this.#waiting.length, atWork: this.#atWork };
  }

  /**
   * @param isWanted false: nobody waits for the answer any more
   * @throws Refusal for a text that nobody waits for; ThreadEnded for one that ends its thread
   */
  classify(text: string, isWanted: () => boolean): Promise<Scored> {
    const { promise, resolve, reject } = Promise.withResolvers<Scored>();
    const since = performance.now();
    this.#waiting.add({ text, since, isSuspect: false, isWanted, resolve, reject });
    this.#dispatch();
    return promise;
  }

  /** Ends the threads once the texts that wait are classified, or no thread is left for them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#dispatch();
    if (this.#waiting.length + this.#atWork > 0) await this.#emptied.promise;
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #start(): Promise<Thread> {
    const { start = startThread } = this.#options;
    return start(this.#data);
  }

  #take(thread: Thread): void {
    this.#threads.add(thread);
    this.#free.push(thread);
    void thread.ended.then(() => this.#replace(thread));
    this.#dispatch();
  }

  async #replace(thread: Thread): Promise<void> {
    this.#threads.delete(thread);
    const place = this.#free.indexOf(thread);
    if (place >= 0) this.#free.splice(place, 1);
    if (this.#isClosed) this.#dispatch();
    for (let ms = FIRST_PAUSE_MS; !this.#isClosed; ms = Math.min(2 * ms, LAST_PAUSE_MS)) {
      this.#options.troubled(new ThreadEnded());
      await pause(ms, null, { ref: false });
      const next = await this.#start().catch(this.#options.troubled);
      if (next && !this.#isClosed) return this.#take(next);
      await next?.end();
    }
  }

  /** Gives free threads what is due, and comes back when something else will be. */
  #dispatch(): void {
    clearTimeout(this.#timer);
    this.#waiting.drop(gone);
    if (this.#isClosed && !this.isWorking) this.#giveUp();
    while (this.#free.length > 0 && this.#waiting.length > 0) {
      const ms = this.#isClosed ? 0 : this.#waiting.dueIn(performance.now());
      if (ms > 0) {
        this.#timer = setTimeout(() => this.#dispatch(), Math.ceil(ms));
        return;
      }
      void this.#give(this.#free.shift()!, this.#waiting.take());
    }
    if (this.#isClosed && this.#waiting.length + this.#atWork === 0) this.#emptied.resolve();
  }

  /** No thread comes any more. */
  #giveUp(): void {
    while (this.#waiting.length > 0) for (const { reject } of this.#waiting.take()) reject(new ThreadEnded());
  }

  async #give(thread: Thread, batch: readonly Waiting[]): Promise<void> {
    this.#atWork += batch.length;
    try {
      const scored = await thread.run(batch.map(({ text }) => text));
      batch.forEach(({ resolve }, k) => resolve(scored[k]));
    } catch (error) {
      this.#failed(batch, error);
    }
    this.#atWork -= batch.length;
    if (this.#threads.has(thread)) this.#free.push(thread);
    this.#dispatch();
  }

  /** The texts of a batch that ended its thread are tried once more, each alone: it may be one. */
  #failed(batch: readonly Waiting[], error: unknown): void {
    for (const waiting of batch) {
      if (waiting.isSuspect || !(error instanceof ThreadEnded)) waiting.reject(error);
      else this.#waiting.add({ ...waiting, isSuspect: true });
    }
  }
}
