import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Method } from "../../../contracts/methods.ts";
import { defaultsOf } from "../../../contracts/settings/settings.ts";
import { KNOB_NAMES, type Knobs } from "../../../contracts/settings/similarity.ts";
import { neighboursOfRow, neighbourTable } from "../../../core/model/neighbour-table.ts";
import { ratingsFromEntries } from "../../../core/ratings/ratings.ts";
import { makerOf, neighboursOfAll } from "../../../core/tables/makers.ts";
import { weighed } from "../../../core/tuning/weighed.ts";

const USERS = 6;
const ITEMS = 9;
const entry = fc.record({
  user: fc.nat(USERS - 1),
  item: fc.nat(ITEMS - 1),
  lastAt: fc.nat(5),
});
const entries = fc.uniqueArray(entry, { selector: ({ user, item }) => `${user} ${item}`, maxLength: 54 });
const knobs = fc.record({
  method: fc.constantFrom<Method>("order", "cosine"),
  window: fc.integer({ min: 1, max: 5 }),
  distanceDecay: fc.constantFrom(0, 0.5, 2),
  backward: fc.constantFrom(0, 0.8, 1),
  alpha: fc.constantFrom(0.3, 0.5, 0.9),
  shrinkage: fc.constantFrom(0.5, 5),
  minSupport: fc.integer({ min: 1, max: 2 }),
  cap: fc.constantFrom(0, 3),
  top: fc.integer({ min: 1, max: 9 }),
});

describe("neighbours from co-counts", () => {
  it("are those that the method's kernel finds, for the wanted items alone", () => {
    const check = (rows: { user: number; item: number; lastAt: number }[], chosen: Partial<Knobs>) => {
      const options = { ...(defaultsOf(KNOB_NAMES) as Knobs), ...chosen };
      const ratings = ratingsFromEntries({
        users: USERS,
        items: ITEMS,
        user: Int32Array.from(rows, ({ user }) => user),
        item: Int32Array.from(rows, ({ item }) => item),
        lastAt: Float64Array.from(rows, ({ lastAt }) => lastAt),
      });
      const maker = makerOf(options.method);
      const whole = neighbourTable(neighboursOfAll(maker, maker.prepare(ratings, options).layout));
      const wanted = Int32Array.of(1, 4, 7);
      const { count } = maker.search!.shared!;
      const few = weighed(count(ratings, options, wanted), options);
      for (let i = 0; i < ITEMS; i++)
        expect(neighboursOfRow(few, i)).toEqual(wanted.includes(i) ? neighboursOfRow(whole, i) : []);
    };
    fc.assert(fc.property(entries, knobs, check), { numRuns: 500 });
  });
});
