import { DEFAULT_RESULTS, MAX_RESULTS } from "../../contracts/http/recommendation.ts";
import { BadRequest } from "./errors.ts";

/** @throws BadRequest when it is not a whole number from 1 to `MAX_RESULTS`. */
export function parseCount(text: string | undefined): number {
  const n = text === undefined ? DEFAULT_RESULTS : /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (n >= 1 && n <= MAX_RESULTS) return n;
  throw new BadRequest(
    "n",
    `n is ${JSON.stringify(text)}; it must be a whole number from 1 to ${MAX_RESULTS}`,
  );
}
