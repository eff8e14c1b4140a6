import { Matrix, solve } from "ml-matrix";
import type { AlsKnobs } from "../../../contracts/settings/als.ts";

/** Weights by user and item, 0 where there was no event: the objective's plain form. */
export type Dense = number[][];

type Objective = Pick<AlsKnobs, "regularization" | "exponent" | "unobserved">;

const entriesOf = (row: number[]) => row.filter((v) => v > 0).length;
const transposed = (weights: Dense) => weights[0].map((_, i) => weights.map((row) => row[i]));

/** The objective of docs/ARCHITECTURE.md, term by term. */
export function plainLoss(weights: Dense, users: number[][], items: number[][], knobs: Objective): number {
  let loss = 0;
  weights.forEach((row, u) =>
    row.forEach((v, i) => {
      const p = dot(users[u], items[i]);
      loss += v > 0 ? (knobs.unobserved + v) * (1 - p) ** 2 : knobs.unobserved * p ** 2;
    }),
  );
  const penalty = (rows: Dense, factors: number[][]) =>
    rows.reduce((sum, row, r) => sum + lambdaOf(row, knobs) * dot(factors[r], factors[r]), 0);
  return loss + penalty(weights, users) + penalty(transposed(weights), items);
}

/** One row's factors, by the normal equations in float64. */
export function plainRow(row: number[], fixed: number[][], knobs: Objective): number[] {
  const factors = fixed[0].length;
  if (entriesOf(row) === 0) return Array(factors).fill(0) as number[];
  const left = Matrix.eye(factors, factors, lambdaOf(row, knobs));
  const right = Matrix.zeros(factors, 1);
  row.forEach((v, i) => {
    const y = Matrix.columnVector(fixed[i]);
    left.add(y.mmul(y.transpose()).mul(knobs.unobserved + v));
    if (v > 0) right.add(Matrix.mul(y, knobs.unobserved + v));
  });
  return solve(left, right).to1DArray();
}

/** Plain ALS to the end: the lowest loss that it finds from these item factors. */
export function plainAls(
  weights: Dense,
  items: number[][],
  knobs: Objective,
  iterations: number,
): { users: number[][]; items: number[][] } {
  let users: number[][] = [];
  for (let k = 0; k < iterations; k++) {
    users = weights.map((row) => plainRow(row, items, knobs));
    if (k < iterations - 1) items = transposed(weights).map((row) => plainRow(row, users, knobs));
  }
  return { users, items };
}

const lambdaOf = (row: number[], { regularization, exponent }: Objective) =>
  regularization * entriesOf(row) ** exponent;

const dot = (a: number[], b: number[]) => a.reduce((sum, x, k) => sum + x * b[k], 0);
