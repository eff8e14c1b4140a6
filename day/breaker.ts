/** Nobody was let through: what is behind the breaker has failed too often. */
export class BreakerOpen extends Error {
  constructor() {
    super("it has failed too often, and is left alone for a while");
    this.name = "BreakerOpen";
  }
}

export type BreakerState = "closed" | "open" | "half-open";

export interface BreakerOptions {
  /** Failures in a row that open it. */
  failures: number;
  /** Pause before a probe. */
  pauseMs: number;
  now(): number;
}

/**
 * Keeps callers from something that fails. Half-open lets one probe through and refuses all others
 * at once. (cockatiel's would have them wait for the probe, as long as the sick backend takes.)
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #openedAt: number | null = null;
  #isProbing = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    if (this.#openedAt === null) return "closed";
    return this.#isProbing ? "half-open" : "open";
  }

  /** True if a call would be let through now. */
  get admits(): boolean {
    const { pauseMs, now } = this.#options;
    return this.#openedAt === null || (!this.#isProbing && now() >= this.#openedAt + pauseMs);
  }

  /**
   * @param isFailure tells errors of what is called from errors that are its answers
   * @throws BreakerOpen, or the call's own error
   */
  async run<T>(call: () => Promise<T>, isFailure: (error: unknown) => boolean = () => true): Promise<T> {
    if (!this.admits) throw new BreakerOpen();
    const isProbe = this.#openedAt !== null;
    if (isProbe) this.#isProbing = true;
    try {
      const answer = await call();
      this.#succeeded(isProbe);
      return answer;
    } catch (error) {
      if (isFailure(error)) this.#failed(isProbe);
      else this.#succeeded(isProbe);
      throw error;
    }
  }

  // Calls from before it opened end later: they say nothing about now.

  #succeeded(isProbe: boolean): void {
    if (this.#openedAt !== null && !isProbe) return;
    this.#failures = 0;
    this.#openedAt = null;
    this.#isProbing = false;
  }

  #failed(isProbe: boolean): void {
    if (this.#openedAt !== null && !isProbe) return;
    this.#failures++;
    if (isProbe || this.#failures >= this.#options.failures) this.#openedAt = this.#options.now();
    this.#isProbing = false;
  }
}
