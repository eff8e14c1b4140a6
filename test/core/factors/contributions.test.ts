import fc from "fast-check";
import { inverse, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { turnInto } from "../../../core/factors/diagonalize.ts";
import { rowOf } from "../../../core/factors/factor-rows.ts";
import { ItemFactors } from "../../../core/factors/item-factors.ts";

const OBJECTIVE = { regularization: 0.05, exponent: 1, unobserved: 0.2 };
const ROWS = 12;

const shops = fc.integer({ min: 1, max: 6 }).chain((factors) => {
  const size = ROWS * factors;
  return fc
    .array(fc.integer({ min: -100, max: 100 }), { minLength: size, maxLength: size })
    .map((values) => ({ rows: ROWS, factors, values: Float32Array.from(values, (value) => value / 100) }));
});
const histories = fc.uniqueArray(fc.tuple(fc.nat(ROWS - 1), fc.integer({ min: 1, max: 24 })), {
  selector: ([row]) => row,
  minLength: 1,
});

describe("what a history's items contribute to a score", () => {
  it("is y_i' A^-1 y_j c_j, by the plain definition, and adds up to the score", () => {
    fc.assert(
      fc.property(shops, histories, (given, entries) => {
        turnInto(given)(given);
        const history = entries.map(([row, v]) => ({ row, weight: v / 4 }));
        const items = new ItemFactors(given, OBJECTIVE);
        const all = Array.from({ length: ROWS }, (_, row) => row);
        const found = items.contributions(history, all);
        const y = all.map((row) => Matrix.columnVector(rowOf(given, row)));
        const a = Matrix.eye(given.factors, given.factors, OBJECTIVE.regularization * history.length);
        const weightOf = new Map(history.map(({ row, weight }) => [row, weight]));
        for (const row of all)
          a.add(y[row].mmul(y[row].transpose()).mul(OBJECTIVE.unobserved + (weightOf.get(row) ?? 0)));
        const left = inverse(a);
        const vector = items.foldIn(history);
        for (const i of all) {
          const expected = history.map(
            ({ row, weight }) =>
              y[i].transpose().mmul(left).mmul(y[row]).get(0, 0) * (OBJECTIVE.unobserved + weight),
          );
          expected.forEach((value, j) => expect(found[i][j]).toBeCloseTo(value, 3));
          const score = rowOf(given, i).reduce((sum, value, k) => sum + value * vector[k], 0);
          expect(found[i].reduce((sum, value) => sum + value, 0)).toBeCloseTo(score, 3);
        }
      }),
    );
  });
});
