import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultsOf } from "../../../contracts/settings/settings.ts";
import { KNOB_NAMES, type Knobs } from "../../../contracts/settings/similarity.ts";
import type { Row } from "../../../core/library.ts";
import { plainNeighbours } from "./plain.ts";
import { listsOf, orderedKnobs, orderedRow } from "./ordered.ts";

const options = fc.record({
  ...orderedKnobs,
  alpha: fc.constantFrom(0, 0.3, 0.7, 1),
  shrinkage: fc.constantFrom(0, 5, 20),
});

const lists = (rows: Row[], knobs: Partial<Knobs>) => listsOf(rows, { method: "order", ...knobs });

describe("neighbours by order", () => {
  it("are those of the plain definition, for any rows and options", () => {
    const check = (rows: Row[], chosen: Partial<Knobs>) => {
      const knobs = { ...(defaultsOf(KNOB_NAMES) as Knobs), method: "order" as const, ...chosen };
      expect(lists(rows, chosen)).toEqual(plainNeighbours(rows, knobs));
    };
    fc.assert(fc.property(fc.array(orderedRow, { maxLength: 80 }), options, check), { numRuns: 300 });
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
