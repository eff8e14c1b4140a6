import { inTime } from "../../in-time.ts";

/** Longest wait at the end for tasks that are just being taken. */
const CLOSING_MS = 1_000;

export interface CrewOptions<T> {
  /** Tasks that may be at work at once. */
  atOnce: number;
  /** Leases at most so many tasks. */
  take(most: number): Promise<T[]>;
  /** Carries a task out. It never throws. */
  carry(task: T): Promise<void>;
}

/** Carries out the tasks of a table, so many at once. */
export class Crew<T> {
  readonly #options: CrewOptions<T>;
  readonly #atWork = new Set<T>();
  #taking: Promise<void> | null = null;
  #isAgain = false;
  #isClosed = false;

  constructor(options: CrewOptions<T>) {
    this.#options = options;
  }

  /** Takes on no more. Returns what is at work, and what was about to be. */
  async close(): Promise<T[]> {
    this.#isClosed = true;
    // Not for ever: the file may hang.
    if (this.#taking) await inTime(this.#taking, CLOSING_MS, "").catch(() => {});
    return [...this.#atWork];
  }

  /** Has it look for tasks. */
  wake(): Promise<void> {
    // A task that comes while others are taken may have been missed.
    this.#isAgain = true;
    return (this.#taking ??= this.#takeAll());
  }

  async #takeAll(): Promise<void> {
    while (this.#isAgain) {
      this.#isAgain = false;
      // The desk tells of failures. What could not be taken now is with the next look.
      await this.#take().catch(() => {});
    }
    this.#taking = null;
  }

  async #take(): Promise<void> {
    const free = this.#options.atOnce - this.#atWork.size;
    if (free <= 0 || this.#isClosed) return;
    for (const task of await this.#options.take(free)) {
      this.#atWork.add(task);
      if (!this.#isClosed) void this.#carry(task);
    }
  }

  async #carry(task: T): Promise<void> {
    await this.#options.carry(task);
    this.#atWork.delete(task);
    if (!this.#isClosed) void this.wake();
  }
}
