import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FUNCTIONS } from "./functions.ts";
import { Random } from "../../../core/random.ts";
import { fromUnit, isActive, randomPoint, toUnit, type Space } from "../../../core/tuning/space.ts";
import { suggest, type Trial } from "../../../core/tuning/tpe.ts";

const SPACE: Space = {
  method: { kind: "choice", values: ["cosine", "order"] },
  window: { kind: "grid", values: [5, 10, 20, 50], when: { knob: "method", is: ["order"] } },
  alpha: { kind: "number", low: 0.3, high: 1 },
  shrinkage: { kind: "number", low: 0.5, high: 100, log: true },
  top: { kind: "number", low: 1, high: 9, integer: true },
};

/** The best value of a search with this seed. */
function bestOf(name: string, seed: number, next = suggest): number {
  const { space, value } = FUNCTIONS[name];
  const random = new Random(seed);
  const trials: Trial[] = [];
  for (let k = 0; k < 60; k++) {
    const point = next(space, trials, random);
    trials.push({ point, value: value(point) });
  }
  return Math.max(...trials.map(({ value }) => value));
}

const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe("the search for settings", () => {
  it.each(Object.keys(FUNCTIONS))("finds better values of %s than drawing blindly does", (name) => {
    const seeds = Array.from({ length: 10 }, (_, seed) => seed);
    const blindly: typeof suggest = (space, _, random) => randomPoint(space, random);
    const found = meanOf(seeds.map((seed) => bestOf(name, seed)));
    expect(found).toBeGreaterThan(meanOf(seeds.map((seed) => bestOf(name, seed, blindly))));
  });

  it("is the same again with the same seed, and another with another one", () => {
    expect(bestOf("hartmann6", 3)).toBe(bestOf("hartmann6", 3));
    expect(bestOf("hartmann6", 3)).not.toBe(bestOf("hartmann6", 4));
  });

  it("suggests values that the space has, for the knobs that count", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.float({ noNaN: true, min: 0, max: 1 }), { maxLength: 40 }),
        (seed, values) => {
          const random = new Random(seed);
          const trials = values.map((value) => ({ point: randomPoint(SPACE, random), value }));
          const point = suggest(SPACE, trials, random);
          for (const [knob, dimension] of Object.entries(SPACE)) {
            expect(knob in point).toBe(isActive(dimension, point));
            if (!(knob in point)) continue;
            if (dimension.kind !== "number") expect(dimension.values).toContain(point[knob]);
            else {
              expect(point[knob]).toBeGreaterThanOrEqual(dimension.low);
              expect(point[knob]).toBeLessThanOrEqual(dimension.high);
              if (dimension.integer) expect(point[knob]).toBe(Math.round(point[knob] as number));
            }
          }
        },
      ),
    );
  });

  it("can learn from one value only, and from trials that are all alike", () => {
    const point = { method: "order", window: 20, alpha: 0.7, shrinkage: 10, top: 5 };
    const trials = Array.from({ length: 30 }, () => ({ point, value: 0.1 }));
    expect(suggest(SPACE, trials, new Random(1))).toHaveProperty("alpha");
  });
});

describe("the place of a value in its range", () => {
  it("is turned back into the value", () => {
    expect(fromUnit(SPACE["window"] as never, toUnit(SPACE["window"] as never, 20))).toBe(20);
    expect(fromUnit(SPACE["shrinkage"] as never, toUnit(SPACE["shrinkage"] as never, 10))).toBe(10);
    expect(fromUnit(SPACE["top"] as never, toUnit(SPACE["top"] as never, 9))).toBe(9);
  });

  it("stays in the range for a value outside of it", () => {
    expect(toUnit(SPACE["alpha"] as never, 7)).toBe(1);
    expect(toUnit(SPACE["shrinkage"] as never, 0)).toBe(0);
  });
});
