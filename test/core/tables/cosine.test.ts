import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENTS } from "../../../contracts/interactions.ts";
import { defaultsOf } from "../../../contracts/settings/settings.ts";
import { KNOB_NAMES, type Knobs } from "../../../contracts/settings/similarity.ts";
import { neighbours, type Options, type Row } from "../../../core/library.ts";
import { compareUtf8 } from "../../../core/text/order.ts";
import { integerScale } from "../../../core/tables/cosine/similarity-index.ts";
import { similarityCases } from "../../golden.ts";
import { plainNeighbours } from "./plain.ts";

const lists = (rows: Row[], options: Partial<Options>) => {
  const model = neighbours(rows, { method: "cosine", ...options });
  const ids = [...new Set(rows.map(({ item }) => item))];
  return Object.fromEntries(
    ids.map((id) => [id, model.neighboursOf(id).map(({ item, score }) => [item, score])]),
  );
};

describe("golden rows", () => {
  it.each(similarityCases)("$name", ({ interactions, options, neighbours: expected }) => {
    const rows = interactions.map(([user, item, event, count, lastAt = 0]) => ({
      user,
      item,
      event,
      count,
      lastAt,
    }));
    expect(lists(rows, options)).toEqual(expected);
  });
});

const row = fc.record({
  user: fc.constantFrom(..."abcdefgh"),
  item: fc.constantFrom("1", "2", "10", "é", "z", "～", "😀", "𝒳", "tent"),
  event: fc.constantFrom(...EVENTS),
  count: fc.integer({ min: 1, max: 3 }),
  lastAt: fc.integer({ min: 0, max: 5 }),
});
const options = fc.record({
  vectors: fc.constantFrom("binary" as const, "weighted" as const),
  // The second needs fractions that no integer scale makes whole.
  eventWeights: fc.constantFrom(
    { view_item: 0.5, add_to_cart: 2, purchase: 6 },
    { view_item: 1 / 3, add_to_cart: 1.7, purchase: 5.123 },
  ),
  alpha: fc.constantFrom(0, 0.3, 0.5, 0.8, 1),
  shrinkage: fc.constantFrom(0, 5, 20),
  minSupport: fc.integer({ min: 1, max: 3 }),
  cap: fc.integer({ min: 0, max: 5 }),
  top: fc.integer({ min: 1, max: 10 }),
});

describe("exact neighbours", () => {
  it("are those of the plain definition, for any rows and options", () => {
    const check = (rows: Row[], chosen: Partial<Knobs>) => {
      const knobs = { ...(defaultsOf(KNOB_NAMES) as Knobs), method: "cosine" as const, ...chosen };
      expect(lists(rows, chosen)).toEqual(Object.fromEntries(plainNeighbours(rows, knobs)));
    };
    fc.assert(fc.property(fc.array(row, { maxLength: 80 }), options, check), { numRuns: 300 });
  });

  it("do not depend on the order of the rows", () => {
    const rows = fc.array(row, { minLength: 1, maxLength: 60 });
    const shuffled = rows.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
    );
    const check = ([given, other]: [Row[], Row[]]) => {
      expect(lists(other, {})).toEqual(lists(given, {}));
    };
    fc.assert(fc.property(shuffled, check), { numRuns: 100 });
  });

  it("are symmetric when alpha is a half and nothing is cut off", () => {
    const check = (rows: Row[]) => {
      const found = lists(rows, { top: 1000 });
      for (const [i, list] of Object.entries(found))
        for (const [j, score] of list) expect(found[j as string]).toContainEqual([i, score]);
    };
    fc.assert(fc.property(fc.array(row, { maxLength: 60 }), check), { numRuns: 100 });
  });

  it("of no rows are none", () => {
    expect(neighbours([]).items).toBe(0);
  });
});

describe("a heavy user", () => {
  const heavy = Array.from({ length: 600 }, (_, k) => ({ user: "bot", item: `i${k}`, lastAt: k }));

  it("counts with the 500 most recent items, and is not dropped", () => {
    const model = neighbours(heavy, { method: "cosine", top: 1000 });
    expect(model.neighboursOf("i599")).toHaveLength(499);
    expect(model.neighboursOf("i99")).toEqual([]);
  });
});

describe("a large catalogue", () => {
  it("has the same neighbours as a small one, beyond 65,536 items too", () => {
    const fans = ["ann", "bob", "cleo"].flatMap((user) => ["aaa", "zzz"].map((item) => ({ user, item })));
    const others = Array.from({ length: 70_000 }, (_, k) => ({
      user: "cleo",
      item: `item-${k}`,
      lastAt: -k,
    }));
    const model = neighbours([...fans, ...others], { cap: 3 });
    expect(model.items).toBe(70_002);
    expect(model.neighboursOf("zzz")).toEqual(
      neighbours([...fans, ...others.slice(0, 1)]).neighboursOf("zzz"),
    );
  });
});

describe("scores", () => {
  it("end at 2,147.483647, where 31 bits end, and never wrap around", () => {
    const rows = [
      { user: "a", item: "x", event: "purchase" as const, count: 1000 },
      { user: "a", item: "y", event: "view_item" as const },
    ];
    const model = neighbours(rows, { vectors: "weighted", alpha: 1, shrinkage: 0 });
    expect(model.neighboursOf("y")).toEqual([{ item: "x", score: 2147.483647 }]);
  });
});

describe("integer weights", () => {
  it("are found where one factor makes all values whole", () => {
    expect(integerScale(Float64Array.of(0.5, 2, 8.5), Float64Array.of(76.5), 15)).toBe(2);
    expect(integerScale(Float64Array.of(1 / 3), Float64Array.of(1), 15)).toBe(0);
  });

  it("are not used where a value, or a dot product, could outgrow its place", () => {
    expect(integerScale(Float64Array.of(40_000), Float64Array.of(1.6e9), 15)).toBe(0);
    expect(integerScale(Float64Array.of(50_000), Float64Array.of(2.5e9), 20)).toBe(0);
  });
});

describe("the order of ids", () => {
  it("is that of their UTF-8 bytes", () => {
    const check = (a: string, b: string) => {
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
      expect(Math.sign(compareUtf8(a, b))).toBe(bytes);
    };
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), check), {
      numRuns: 500,
    });
  });
});
