import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultsOf } from "../../../contracts/settings/settings.ts";
import { KNOB_NAMES, type Knobs } from "../../../contracts/settings/similarity.ts";
import { codeRows, type Row } from "../../../core/library.ts";
import { makerOf, neighboursOfAll } from "../../../core/tables/makers.ts";
import { plainNeighbours } from "./plain.ts";
import { listsOf, orderedKnobs, orderedRow } from "./ordered.ts";

const options = fc.record({
  ...orderedKnobs,
  alpha: fc.constantFrom(0, 0.3, 0.8, 1),
  shrinkage: fc.constantFrom(0, 5, 15),
  candidates: fc.integer({ min: 1, max: 9 }),
  coCounts: fc.integer({ min: 1, max: 9 }),
  // With a little, windowed counts need not be positive definite.
  regularization: fc.constantFrom(0.0137, 0.37, 5, 50),
  ownShare: fc.constantFrom(0, 0.013, 0.3),
});

const knobsOf = (chosen: Partial<Knobs>): Knobs => ({
  ...(defaultsOf(KNOB_NAMES) as Knobs),
  ...{ method: "ridge", cap: 0, shrinkage: 15, alpha: 0.8 },
  ...chosen,
});

/** What had to be mended. */
function mended(rows: Row[], knobs: Knobs) {
  const maker = makerOf("ridge");
  const { layout } = maker.prepare(codeRows(rows, knobs).ratings, knobs);
  neighboursOfAll(maker, layout);
  return maker.counts!(layout);
}

describe("neighbours by ridge", () => {
  it("are those of the plain definition, for any rows and options", () => {
    const check = (rows: Row[], chosen: Partial<Knobs>) => {
      const knobs = knobsOf(chosen);
      expect(listsOf(rows, knobs)).toEqual(plainNeighbours(rows, knobs));
    };
    fc.assert(fc.property(fc.array(orderedRow, { maxLength: 80 }), options, check), { numRuns: 300 });
  });

  it.each([
    // Of the middle item, two neighbours that do not stand near each other tell more than there is.
    [3, 1, { indefinite: 0, floored: 1 }],
    // The window cuts a chain: co-counts without a solution.
    [5, 2, { indefinite: 3, floored: 0 }],
  ])("count what has no solution: a history of %i, a window of %i", (length, window, counts) => {
    const rows = Array.from({ length }, (_, k) => ({ user: "ann", item: `i${k}`, lastAt: k }));
    const knobs = knobsOf({ window, distanceDecay: 0, regularization: 0.0137, ownShare: 0 });
    expect(mended(rows, knobs)).toEqual(counts);
    expect(listsOf(rows, knobs)).toEqual(plainNeighbours(rows, knobs));
  });

  it("count a neighbour for less where another one tells as much", () => {
    // Who looks at b looks at a before. So a tells of c what b tells already.
    const rows = Array.from({ length: 30 }, (_, u) =>
      ["a", "b", "c"].slice(u % 3 === 0 ? 1 : 0).map((item, lastAt) => ({ user: `u${u}`, item, lastAt })),
    ).flat();
    const share = (method: Knobs["method"]) => {
      const found = new Map(
        listsOf(rows, knobsOf({ method, regularization: 1, ownShare: 0 })).get("c") as never,
      );
      return (found.get("a") as number) / (found.get("b") as number);
    };
    expect(share("ridge")).toBeLessThan(0.5 * share("order"));
  });
});
