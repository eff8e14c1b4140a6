import { setTimeout } from "node:timers/promises";

/** The outcome of a look at stored things, for the log: what is new, in words, and what failed. */
export interface Look {
  news: string[];
  problems: unknown[];
}

/** The outcomes of several looks as one. */
export const merged = (looks: readonly Look[]): Look => ({
  news: looks.flatMap(({ news }) => news),
  problems: looks.flatMap(({ problems }) => problems),
});

/** A look, or how it failed: an error of storage does not always say what was read. */
export async function attempt(what: string, look: () => Promise<string[]>): Promise<Look> {
  try {
    return { news: await look(), problems: [] };
  } catch (error) {
    const message = `${what} could not be read: ${(error as Error).message}`;
    return { news: [], problems: [new Error(message, { cause: error })] };
  }
}

/** A stored thing, as of the last look that could read it. */
export abstract class Followed {
  readonly #what: string;
  #isFailing = false;

  /** @param what its name, for the log */
  constructor(what: string) {
    this.#what = what;
  }

  /** True if the last look could not read it. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Reads it. It never throws. */
  async refresh(): Promise<Look> {
    const look = await attempt(this.#what, () => this.read());
    this.#isFailing = look.problems.length > 0;
    return look;
  }

  /** Keeps what it reads. @returns what is new, in words */
  protected abstract read(): Promise<string[]>;
}

/** A look that is repeated for ever. */
export interface Repeated {
  /** Resolves after the first look. */
  first: Promise<void>;
  stop(): void;
}

/**
 * Looks now, and then for ever. The pause begins when a look has ended, so that looks never
 * overlap.
 */
export function repeat(look: () => Promise<unknown>, pauseMs: number): Repeated {
  const over = new AbortController();
  const next = async () => {
    await setTimeout(pauseMs, null, { ref: false, signal: over.signal });
    await look();
    void next().catch(() => {});
  };
  const first = look().then(() => void next().catch(() => {}));
  return { first, stop: () => over.abort() };
}
