import { Breaker } from "../day/breaker.ts";

/** Failures in a row after which it is left alone, and for how long. */
const BREAKER = { failures: 5, pauseMs: 1_000, now: () => performance.now() };

/** Calls of something that may be away for a while, as a file or a service. */
export class Watched {
  readonly #breaker = new Breaker(BREAKER);
  readonly #failed: (error: unknown) => void;
  readonly #isAnswer: (error: unknown) => boolean;
  #isFailing = false;

  /**
   * @param failed is told of the first failure of several in a row, and of errors that are answers
   * @param isAnswer true for an error of a service that works: what it was asked is to blame
   */
  constructor(failed: (error: unknown) => void, isAnswer: (error: unknown) => boolean = () => false) {
    this.#failed = failed;
    this.#isAnswer = isAnswer;
  }

  /** True if the last call failed. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** @throws BreakerOpen, or the call's own error */
  run<T>(call: () => Promise<T>): Promise<T> {
    const isFailure = (error: unknown) => !this.#isAnswer(error);
    return this.#breaker.run(async () => {
      try {
        const answer = await call();
        this.#isFailing = false;
        return answer;
      } catch (error) {
        if (!this.#isFailing) this.#failed(error);
        this.#isFailing = isFailure(error);
        throw error;
      }
    }, isFailure);
  }
}
