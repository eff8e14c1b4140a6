import fc from "fast-check";
import { expect, it } from "vitest";
import { sortHistories } from "../../../core/ratings/sort-histories.ts";

const history = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 150 });

it("Histories of any length are in the order of time, ties of items", () => {
  const check = (histories: number[][]) => {
    const rowStart = Int32Array.from([0, ...histories].map((_, u) => histories.slice(0, u).flat().length));
    const item = Int32Array.from(histories.flatMap((times) => times.map((_, k) => times.length - k)));
    const ratings = { users: histories.length, items: 151, rowStart, item };
    const sorted = sortHistories({ ...ratings, lastAt: Float64Array.from(histories.flat()) });
    const expected = histories.flatMap((times) =>
      times.map((at, k) => [at, times.length - k]).sort(([a, i], [b, j]) => a - b || i - j),
    );
    expect(Array.from(sorted.item, (i, e) => [sorted.lastAt![e], i])).toEqual(expected);
  };
  fc.assert(fc.property(fc.array(history, { minLength: 1, maxLength: 5 }), check), { numRuns: 200 });
});
