import fc from "fast-check";
import type { Knobs } from "../../../contracts/settings/similarity.ts";
import { neighbours, type Row } from "../../../core/library.ts";

/** Few users and items, and ties in time. */
export const orderedRow = fc.record({
  user: fc.constantFrom(..."abcdefgh"),
  item: fc.constantFrom("1", "2", "10", "é", "z", "～", "😀", "𝒳", "tent"),
  lastAt: fc.integer({ min: 0, max: 9 }),
});

/** What methods have in common that look at the order of histories. */
export const orderedKnobs = {
  window: fc.integer({ min: 1, max: 5 }),
  distanceDecay: fc.constantFrom(0, 0.5, 1, 3),
  backward: fc.constantFrom(0, 0.5, 0.8, 1),
  minSupport: fc.integer({ min: 1, max: 3 }),
  cap: fc.integer({ min: 0, max: 5 }),
  top: fc.integer({ min: 1, max: 10 }),
};

/** The neighbours of each item with their scores, best first. */
export function listsOf(rows: Row[], knobs: Partial<Knobs>): Map<string, [string, number][]> {
  const model = neighbours(rows, knobs);
  const listOf = (item: string) =>
    model.neighboursOf(item).map(({ item, score }): [string, number] => [item, score]);
  return new Map(rows.map(({ item }) => [item, listOf(item)]));
}
