import { merged, repeat, type Look } from "./looks.ts";

/** Pause between two looks at what is stored. */
export const REFRESH_MS = 5_000;

/** The looks that keep a shop current. */
export interface Following {
  /** Looks at the pointer and the lists now. */
  refresh(): Promise<Look>;
  /** Begins to look every five seconds; resolves after the first looks. */
  start(): Promise<void>;
  stop(): void;
}

/**
 * Repeats looks beside each other, so that a long one, such as loading a model, holds up none.
 * @param report is told the outcome of each.
 */
export function follow(looks: readonly (() => Promise<Look>)[], report: (look: Look) => void): Following {
  const reported = looks.map((look) => async () => {
    const seen = await look();
    report(seen);
    return seen;
  });
  let stops: (() => void)[] = [];
  return {
    refresh: async () => merged(await Promise.all(reported.map((look) => look()))),
    async start() {
      const repeated = reported.map((look) => repeat(look, REFRESH_MS));
      stops = repeated.map(({ stop }) => stop);
      await Promise.all(repeated.map(({ first }) => first));
    },
    stop: () => stops.forEach((stop) => stop()),
  };
}

/** Where a service's news go. */
export interface NewsLog {
  info(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** Writes the outcome of a look to the log. */
export function logLook({ news, problems }: Look, log: NewsLog, fields: object = {}): void {
  for (const text of news) log.info(fields, text);
  for (const error of problems) log.error({ err: error, ...fields }, (error as Error).message);
}
