import { expect, it } from "vitest";
import { findNeighbours } from "../../../../adapters/local/similarity/find-neighbours.ts";
import { METHOD_NAMES } from "../../../../contracts/methods.ts";
import { defaultsOf } from "../../../../contracts/settings/settings.ts";
import { KNOB_NAMES, knobsOf } from "../../../../contracts/settings/similarity.ts";
import { makerOf, neighboursOfAll } from "../../../../core/tables/makers.ts";
import { ratingsFromEntries } from "../../../../core/ratings/ratings.ts";
import { murmur3 } from "../../../../core/text/hash.ts";

/** A shop with more pairs than one thread is left with: 2,000 users, 300 items. */
function shop() {
  const chance = (k: number) => murmur3(`${k}`) / 2 ** 32;
  const pairs = new Set(
    Array.from({ length: 260_000 }, (_, k) => (k % 2000) * 300 + Math.floor(chance(k) ** 2 * 300)),
  );
  const user = Int32Array.from(pairs, (pair) => Math.floor(pair / 300));
  const item = Int32Array.from(pairs, (pair) => pair % 300);
  const lastAt = Float64Array.from(pairs, chance);
  return ratingsFromEntries({ users: 2000, items: 300, user, item, lastAt });
}

it.each(METHOD_NAMES)("Neighbours by %s are the same on one thread and on three", async (method) => {
  const knobs = knobsOf({ ...defaultsOf(KNOB_NAMES), method }, "similar");
  const seen: number[] = [];
  const { neighbours } = await findNeighbours(shop(), knobs, { threads: 3, progress: (x) => seen.push(x) });
  const maker = makerOf(method);
  expect(neighbours).toEqual(neighboursOfAll(maker, maker.prepare(shop(), knobs).layout));
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBeCloseTo(1);
});

it.each(METHOD_NAMES)("Neighbours by %s can be cancelled", async (method) => {
  const knobs = knobsOf({ ...defaultsOf(KNOB_NAMES), method }, "similar");
  const cancelled = new AbortController();
  const work = findNeighbours(shop(), knobs, { threads: 3, signal: cancelled.signal });
  cancelled.abort(new Error("enough"));
  await expect(work).rejects.toThrow("enough");
});
