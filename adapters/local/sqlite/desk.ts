import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { inTime } from "../../in-time.ts";
import { Watched } from "../../watched.ts";
import type { Carried, Order, Place } from "./thread.ts";

// The extension of the running file tells if this is the source or the build.
const threadFile = new URL(`./thread${import.meta.url.slice(-3)}`, import.meta.url);

type Call = (...args: never[]) => unknown;
type Waits = { resolve(answer: unknown): void; reject(error: Error): void };

/** A file's tables, asked from another thread: `T` is what their module's `openTables` returns. */
export class Desk<T extends Record<keyof T, Call>> {
  readonly #place: Place;
  readonly #watched: Watched;
  readonly #waiting = new Map<number, Waits>();
  #thread: Worker | null = null;
  #orders = 0;
  #isClosed = false;

  /**
   * Makes the file's folder, where there is none.
   * @param place the file, and the module that opens its tables
   * @param failed is told of the first failure of several in a row
   */
  constructor(place: Place, failed: (error: unknown) => void) {
    const folder = dirname(place.file);
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
    this.#place = place;
    this.#watched = new Watched((error) => this.#isClosed || failed(error));
  }

  /** True if the last call failed. */
  get isFailing(): boolean {
    return this.#watched.isFailing;
  }

  /** @throws when the file cannot be used, or no answer comes in time. */
  ask<C extends keyof T & string>(ms: number, call: C, ...args: Parameters<T[C]>): Promise<ReturnType<T[C]>> {
    if (this.#isClosed) return Promise.reject(new Error(`${this.#place.file} is closed`));
    return this.#watched.run(() => this.#order(ms, call, args) as Promise<ReturnType<T[C]>>);
  }

  /** What was asked before is still carried out. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#isClosed = true;
    if (!thread) return;
    const ended = new Promise((done) => thread.once("exit", done));
    thread.ref();
    thread.postMessage("close");
    // Not for ever: the file may hang.
    await inTime(ended, 1_000, "").catch(() => thread.terminate());
  }

  async #order(ms: number, call: string, args: unknown[]): Promise<unknown> {
    const id = this.#orders++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    const order: Order = { id, call, args, until: Date.now() + ms };
    try {
      const thread = this.#running();
      // Who waits for an answer keeps the process, as for any other call.
      thread.ref();
      thread.postMessage(order);
      return await inTime(promise, ms, `${this.#place.file} did not answer within ${ms} ms`);
    } finally {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0 && !this.#isClosed) this.#thread?.unref();
    }
  }

  #running(): Worker {
    if (this.#thread) return this.#thread;
    const thread = new Worker(threadFile, { workerData: this.#place });
    thread.unref();
    thread.on("message", (carried: Carried) => {
      const waits = this.#waiting.get(carried.id);
      if ("error" in carried) waits?.reject(new Error(`${this.#place.file}: ${carried.error}`));
      else waits?.resolve(carried.answer);
    });
    thread.on("error", (error) => {
      for (const { reject } of this.#waiting.values()) reject(error as Error);
    });
    thread.on("exit", () => (this.#thread = null));
    return (this.#thread = thread);
  }
}
