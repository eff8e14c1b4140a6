import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { turnInto } from "../../../core/factors/diagonalize.ts";
import { rowOf, type FactorRows } from "../../../core/factors/factor-rows.ts";
import { ItemFactors } from "../../../core/factors/item-factors.ts";
import { plainRow } from "./plain.ts";

const OBJECTIVE = { regularization: 0.05, exponent: 1, unobserved: 0.2 };

const factorRows = (rows: number, factors: number): fc.Arbitrary<FactorRows> =>
  fc
    .array(fc.integer({ min: -100, max: 100 }), { minLength: rows * factors, maxLength: rows * factors })
    .map((values) => ({ rows, factors, values: Float32Array.from(values, (value) => value / 100) }));

const items = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 }))
  .chain(([rows, factors]) => factorRows(rows, factors));

const rowsOf = (factors: FactorRows) =>
  Array.from({ length: factors.rows }, (_, r) => Array.from(rowOf(factors, r)));

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((s, x, k) => s + x * b[k], 0);

/** A copy in the items' own basis. */
function turned(given: FactorRows): FactorRows {
  const copy = { ...given, values: given.values.slice() };
  turnInto(given)(copy);
  return copy;
}

describe("turning factors into the items' own basis", () => {
  it("keeps every product, and makes the Gram matrix diagonal", () => {
    fc.assert(
      fc.property(items, (given) => {
        const before = rowsOf(given);
        const after = rowsOf(turned(given));
        before.forEach((x, i) =>
          before.forEach((y, j) => expect(dot(after[i], after[j])).toBeCloseTo(dot(x, y), 4)),
        );
        for (let a = 0; a < given.factors; a++)
          for (let b = 0; b < a; b++)
            expect(after.reduce((sum, row) => sum + row[a] * row[b], 0)).toBeCloseTo(0, 3);
      }),
    );
  });
});

describe("folding in", () => {
  it("solves the normal equations of a new user", () => {
    const history = fc.uniqueArray(fc.tuple(fc.nat(39), fc.integer({ min: 1, max: 40 })), {
      selector: ([row]) => row,
    });
    fc.assert(
      fc.property(items, history, (given, entries) => {
        const basis = turned(given);
        const known = entries.filter(([row]) => row < given.rows).map(([row, v]) => ({ row, weight: v / 4 }));
        const weights = Array(given.rows).fill(0) as number[];
        for (const { row, weight } of known) weights[row] = weight;
        const expected = plainRow(weights, rowsOf(basis), OBJECTIVE);
        const found = new ItemFactors(basis, OBJECTIVE).foldIn(known);
        found.forEach((value, k) => expect(value).toBeCloseTo(expected[k], 3));
      }),
    );
  });
});

describe("the best items of a user", () => {
  it("are those of the plain definition", () => {
    fc.assert(
      fc.property(items, fc.array(fc.nat(39)), fc.integer({ min: 1, max: 50 }), (given, rows, n) => {
        const excluded = rows.filter((row) => row < given.rows);
        const vector = rowOf(given, 0);
        const { best: found } = new ItemFactors(given, OBJECTIVE).best({
          vector,
          n,
          conditions: { excluded },
        });
        const scores = rowsOf(given).map((y) => dot(vector, y));
        const allowed = scores
          .map((score, item) => ({ item, score }))
          .filter(({ item }) => !excluded.includes(item));
        const largest = Math.max(0, ...allowed.map(({ score }) => score));
        const good = allowed.filter(({ score }) => score / largest > 1e-6).sort((a, b) => b.score - a.score);
        expect(Math.abs(found.length - Math.min(n, good.length))).toBeLessThanOrEqual(1);
        found.forEach(({ item, score }, k) => {
          expect(excluded).not.toContain(item);
          expect(score / 1e6).toBeCloseTo(scores[item] / largest, 4);
          expect(score / 1e6).toBeCloseTo(good[k].score / largest, 4);
        });
      }),
    );
  });

  it("blend the factors' share with that of items near the history", () => {
    const given = { rows: 4, factors: 1, values: Float32Array.of(1, 2, 4, 8) };
    const query = { vector: Float32Array.of(1), n: 3, conditions: { excluded: [3] } };
    const near = [
      { item: 0, score: 500_000 },
      { item: 1, score: 100_000 },
    ];
    const best = (blend: number) =>
      new ItemFactors(given, OBJECTIVE)
        .best({ ...query, near, blend })
        .best.map(({ item, score }) => [item, score]);
    expect(best(0.5)).toEqual([
      [0, 625_000],
      [2, 500_000],
      [1, 350_000],
    ]);
    expect(best(0)).toEqual([
      [0, 1_000_000],
      [1, 200_000],
    ]);
    expect(best(1)).toEqual([
      [2, 1_000_000],
      [1, 500_000],
      [0, 250_000],
    ]);
  });
});
