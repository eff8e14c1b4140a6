import { Problem } from "../contracts/problem.ts";

/**
 * Reads option values of `npm run <script>`; each throws a Problem that lists the allowed values.
 */
export function optionValues(script: string) {
  const invalid = (why: string) =>
    new Problem({ doing: "Reading the options", why, next: `See npm run ${script} -- --help` });
  return {
    invalid,

    /** Names with commas between them; `fallback` when none are given. */
    chosen<T extends string>(
      option: string,
      given: string | undefined,
      choices: readonly T[],
      fallback = choices,
    ): readonly T[] {
      const names = given?.split(",") ?? fallback;
      const unknown = names.find((name) => !choices.includes(name as T));
      if (unknown !== undefined)
        throw invalid(`--${option} has no choice '${unknown}', only ${choices.join(", ")}`);
      return names as T[];
    },

    /** A whole number from 1 to `largest`. */
    positive(option: string, given: string, largest: number): number {
      if (/^[1-9]\d*$/.test(given) && Number(given) <= largest) return Number(given);
      throw invalid(`--${option} must be a whole number from 1 to ${largest}, not '${given}'`);
    },
  };
}
