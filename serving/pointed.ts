import { attempt, type Look } from "./looks.ts";

/**
 * A model that cannot be loaded is tried again after the first pause. Each further pause is twice
 * as long, up to the last.
 */
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 600_000;

/** A model that could not be loaded, and when it is tried again. */
interface Refused {
  model: string;
  waitMs: number;
  until: number;
}

/** What names the current model, and the one before it. */
interface Named {
  model: string;
  previous?: string | null;
}

/** The model that a pointer names, once it is loaded. */
export class Pointed<M extends { name: string }> {
  readonly #pointer: () => Promise<Named | undefined>;
  readonly #load: (model: string) => Promise<M>;
  #current: M | null = null;
  #refused: Refused | null = null;
  #isFailing = false;

  constructor(pointer: () => Promise<Named | undefined>, load: (model: string) => Promise<M>) {
    this.#pointer = pointer;
    this.#load = load;
  }

  get(): M | null {
    return this.#current;
  }

  /** True if the pointer, or the model that it names, could not be read. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /**
   * Reads the pointer, and loads the model that it names, if it is another one, which may take
   * long. After a failure the model stays as it was; at the start the model before the current one
   * answers then. It never throws.
   */
  async refresh(): Promise<Look> {
    const look = await attempt("the current model", () => this.#followPointer());
    this.#isFailing = look.problems.length > 0 || this.#refused !== null;
    return look;
  }

  async #followPointer(): Promise<string[]> {
    const pointer = await this.#pointer();
    if (!pointer || pointer.model === this.#current?.name) {
      this.#refused = null;
      return [];
    }
    const failedBefore = this.#refused?.model === pointer.model ? this.#refused : null;
    if (failedBefore && Date.now() < failedBefore.until) return [];
    try {
      this.#current = await this.#load(pointer.model);
      this.#refused = null;
      return ["a new model answers"];
    } catch (error) {
      this.#refused = refusedAgain(pointer.model, failedBefore);
      if (!this.#current && pointer.previous)
        this.#current = await this.#load(pointer.previous).catch(() => null);
      throw error;
    }
  }
}

function refusedAgain(model: string, before: Refused | null): Refused {
  const waitMs = before ? Math.min(2 * before.waitMs, LAST_RETRY_MS) : FIRST_RETRY_MS;
  return { model, waitMs, until: Date.now() + waitMs };
}
