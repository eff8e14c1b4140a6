import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Work } from "../night/state/snapshot.ts";

/** The longest that requests may wait for a piece of work. */
const SLICE_MS = 2;
/** A turn of the event loop that took less has hardly answered anything: nobody waits. */
const IDLE_TURN_MS = 0.3;
/** Requests that never end must not hold up the work for ever. */
const MOST_MS = 50;
const HASHED_AT_ONCE = 1 << 20;

/**
 * Works through a large file between requests. No piece holds the event loop for longer than a
 * slice.
 */
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
    await untilIdle();
    endsAt = performance.now() + SLICE_MS;
  }
}

/**
 * Lets requests be answered until hardly any are waiting. One turn would not do: others arrive in
 * it, and would queue up.
 */
async function untilIdle(): Promise<void> {
  const startedAt = performance.now();
  for (let from = startedAt, took = Infinity; took > IDLE_TURN_MS && from < startedAt + MOST_MS;) {
    await setImmediate();
    took = performance.now() - from;
    from += took;
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
