import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Work } from "../night/snapshot.ts";

/** How long requests may have to wait for a piece of work. */
const SLICE_MS = 4;
const HASHED_AT_ONCE = 1 << 20;

/** Works through a large file between requests: nothing holds the event loop up for longer than a slice. */
export const inSlices: Work = {
  /** Web Crypto would hash on another thread, but copies all of the data first, on this one. */
  sha256: (data) => run(hashing(data)),
  run,
};

async function run<T>(steps: Generator<void, T>): Promise<T> {
  let endsAt = performance.now() + SLICE_MS;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() < endsAt) continue;
    await setImmediate();
    endsAt = performance.now() + SLICE_MS;
  }
}

function* hashing(data: Uint8Array): Generator<void, string> {
  const hash = createHash("sha256");
  for (let from = 0; from < data.length; from += HASHED_AT_ONCE) {
    hash.update(data.subarray(from, from + HASHED_AT_ONCE));
    yield;
  }
  return hash.digest("hex");
}
