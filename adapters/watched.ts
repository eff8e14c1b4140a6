import { Breaker } from "../day/breaker.ts";

/** Failures in a row after which it is left alone, and for how long. */
const BREAKER = { failures: 5, pauseMs: 1_000, now: () => performance.now() };

/** Calls of something that may be away for a while, as a file or a service. */
export class Watched {
  readonly #breaker = new Breaker(BREAKER);
  readonly #failed: (error: unknown) => void;
  #isFailing = false;

  /** @param failed is told of the first failure of several in a row */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** True if the last call failed. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** @throws BreakerOpen, or the call's own error */
  run<T>(call: () => Promise<T>): Promise<T> {
    return this.#breaker.run(async () => {
      try {
        const answer = await call();
        this.#isFailing = false;
        return answer;
      } catch (error) {
        if (!this.#isFailing) this.#failed(error);
        this.#isFailing = true;
        throw error;
      }
    });
  }
}
