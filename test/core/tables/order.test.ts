import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultsOf } from "../../../contracts/settings/settings.ts";
import { KNOB_NAMES, type Knobs } from "../../../contracts/settings/similarity.ts";
import { neighbours, type Row } from "../../../core/library.ts";
import { plainNeighbours } from "./plain.ts";

const row = fc.record({
  user: fc.constantFrom(..."abcdefgh"),
  item: fc.constantFrom("1", "2", "10", "é", "z", "～", "😀", "𝒳", "tent"),
  lastAt: fc.integer({ min: 0, max: 9 }),
});
const options = fc.record({
  window: fc.integer({ min: 1, max: 5 }),
  distanceDecay: fc.constantFrom(0, 0.5, 1, 3),
  backward: fc.constantFrom(0, 0.5, 0.8, 1),
  alpha: fc.constantFrom(0, 0.3, 0.7, 1),
  shrinkage: fc.constantFrom(0, 5, 20),
  minSupport: fc.integer({ min: 1, max: 3 }),
  cap: fc.integer({ min: 0, max: 5 }),
  top: fc.integer({ min: 1, max: 10 }),
});

const lists = (rows: Row[], knobs: Partial<Knobs>) => {
  const model = neighbours(rows, { method: "order", ...knobs });
  return new Map(
    rows.map(({ item }) => [item, model.neighboursOf(item).map((found) => [found.item, found.score])]),
  );
};

describe("neighbours by order", () => {
  it("are those of the plain definition, for any rows and options", () => {
    const check = (rows: Row[], chosen: Partial<Knobs>) => {
      const knobs = { ...(defaultsOf(KNOB_NAMES) as Knobs), method: "order" as const, ...chosen };
      expect(lists(rows, chosen)).toEqual(plainNeighbours(rows, knobs));
    };
    fc.assert(fc.property(fc.array(row, { maxLength: 80 }), options, check), { numRuns: 300 });
  });

  it("of a long history are within the window, and those that come after count more", () => {
    const history = Array.from({ length: 200 }, (_, k) => ({ user: "ann", item: `i${k + 100}`, lastAt: -k }));
    const found = lists(history, { window: 3, shrinkage: 0 }).get("i200")!;
    // One that came before, two places away, counts as one three places after: .8/2 and 1/2.5.
    expect(found.map(([item]) => item)).toEqual(["i199", "i201", "i198", "i197", "i202", "i203"]);
  });

  it("are the same beyond 65,536 items, where labels take four bytes", () => {
    const few = ["ann", "bob"].flatMap((user) =>
      ["aaa", "zzz"].map((item, lastAt) => ({ user, item, lastAt })),
    );
    const many = Array.from({ length: 70_000 }, (_, k) => ({ user: "cleo", item: `item-${k}`, lastAt: k }));
    expect(lists([...few, ...many], {}).get("aaa")).toEqual(lists(few, {}).get("aaa"));
  });
});
