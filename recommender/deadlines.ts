import type { Objects } from "../night/objects.ts";

/** How long a small object may take to be read, and a snapshot, which may have gigabytes. */
const DEADLINES_MS = { small: 20_000, snapshot: 600_000 };

/** Objects whose storage may accept a request and never answer it: a look that hangs must not be the last one. */
export function withDeadlines(objects: Objects, { small, snapshot } = DEADLINES_MS): Objects {
  return {
    ...objects,
    get: (path) => inTime(objects.get(path), path, path.endsWith("/snapshot.arrow") ? snapshot : small),
  };
}

function inTime<T>(answer: Promise<T>, path: string, ms: number): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${path} did not come within ${ms / 1000} s`)), ms).unref();
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
