import { inTime } from "../../adapters/in-time.ts";
import { isSnapshot } from "../../contracts/layout.ts";
import type { Objects } from "../../night/state/objects.ts";

/** How long a small object may take to be read, and a snapshot, which may have gigabytes. */
const DEADLINES_MS = { small: 20_000, snapshot: 600_000 };

/** Objects whose storage may accept a request and never answer it: a look that hangs must not be the last one. */
export function withDeadlines(objects: Objects, { small, snapshot } = DEADLINES_MS): Objects {
  return {
    ...objects,
    get(path) {
      const ms = isSnapshot(path) ? snapshot : small;
      return inTime(objects.get(path), ms, `${path} did not come within ${ms / 1000} s`);
    },
  };
}
