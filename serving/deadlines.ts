import { inTime } from "../adapters/in-time.ts";
import { isModelFile } from "../contracts/layout.ts";
import type { Objects } from "../night/state/objects.ts";

/** Deadlines for reading a small object, and a file of a model, which may have gigabytes. */
const DEADLINES_MS = { small: 20_000, model: 600_000 };

/**
 * Gives each read a deadline. Storage may accept a request and never answer it, and a look that
 * hangs would be the last.
 */
export function withDeadlines<O extends Pick<Objects, "get">>(
  objects: O,
  { small, model } = DEADLINES_MS,
): Omit<O, "get"> & Pick<Objects, "get"> {
  return {
    ...objects,
    get(path) {
      const ms = isModelFile(path) ? model : small;
      return inTime(objects.get(path), ms, `${path} did not come within ${ms / 1000} s`);
    },
  };
}
