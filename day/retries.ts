/** First calls that pay for one retry, and retries that may be saved up. */
const CALLS_PER_RETRY = 10;
const MOST_SAVED = 10;
/** Longest pause before the first retry; each further one may be twice as long, up to the last. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 2_000;

export interface RetryOptions {
  /** Retries of one call. */
  most: number;
  sleep(ms: number): Promise<void>;
  /** 0 to 1. */
  random(): number;
}

/** Pauses that a call with so many retries takes at most. */
export const longestPauses = (retries: number) =>
  Array.from({ length: retries }, (_, k) => longestPause(k)).reduce((sum, ms) => sum + ms, 0);

const longestPause = (retry: number) => Math.min(FIRST_PAUSE_MS * 2 ** retry, LAST_PAUSE_MS);

/**
 * Tries failed calls again, after pauses by chance between nothing and a bound that doubles ("full
 * jitter": Brooker, Exponential Backoff and Jitter, 2015). A budget for all calls keeps retries
 * from becoming a second load on a backend that is overloaded: a tenth of the calls.
 */
export class Retries {
  readonly #options: RetryOptions;
  #saved = MOST_SAVED;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /**
   * @param mayPass true for an error that another try may not have
   * @throws the last error
   */
  async run<T>(
    call: () => Promise<T>,
    mayPass: (error: unknown) => boolean,
    retrying: () => void,
  ): Promise<T> {
    const { most, sleep, random } = this.#options;
    this.#saved = Math.min(MOST_SAVED, this.#saved + 1 / CALLS_PER_RETRY);
    for (let retry = 0; ; retry++) {
      try {
        return await call();
      } catch (error) {
        if (retry === most || this.#saved < 1 || !mayPass(error)) throw error;
        this.#saved--;
        await sleep(random() * longestPause(retry));
        retrying();
      }
    }
  }
}
