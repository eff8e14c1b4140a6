import { Matrix, solve } from "ml-matrix";
import { fromUnit, toUnit, type Dimension, type Point, type Space } from "./space.ts";
import type { Trial } from "./tpe.ts";

/** Values below this share of trials count as its: how hopeless a trial is says nothing. */
const HOPELESS_SHARE = 0.1;
/** Keeps effects small that few trials tell of: ridge regression. */
const RIDGE = 1;
const PLACES = 20;

/**
 * How much each knob decides: shares that add up to 1, or 0 each where nothing can be told. A
 * search tries what is good more often, so knobs are not independent in its trials. One model of
 * all knobs tells them apart: a sum of a parabola for each number and a constant for each name, by
 * least squares. A knob decides as much as its part varies over the knob's whole range.
 */
export function importanceOf(space: Space, trials: readonly Trial[]): Record<string, number> {
  const knobs = Object.entries(space);
  if (trials.length < 2 || knobs.length === 0) return Object.fromEntries(knobs.map(([knob]) => [knob, 0]));
  const rows = trials.map(({ point }) =>
    knobs.flatMap(([knob, dimension]) => features(dimension, point[knob])),
  );
  const effects = fitted(rows, clipped(trials.map(({ value }) => value)));
  let at = 0;
  const parts = knobs.map(([knob, dimension]): [string, number] => {
    const all = placesOf(dimension).map((value) => features(dimension, value));
    const own = effects.slice(at, (at += all[0].length));
    return [knob, varianceOf(all.map((row) => row.reduce((sum, feature, k) => sum + feature * own[k], 0)))];
  });
  const total = parts.reduce((sum, [, part]) => sum + part, 0);
  return Object.fromEntries(parts.map(([knob, part]) => [knob, total > 0 ? part / total : 0]));
}

/** Numbers around 0 that stand for a knob's value; zeros where the knob does not count. */
function features(dimension: Dimension, value: Point[string] | undefined): number[] {
  if (dimension.kind === "choice")
    return dimension.values.map((name) =>
      value === undefined ? 0 : Number(name === value) - 1 / dimension.values.length,
    );
  if (value === undefined) return [0, 0];
  const x = 2 * toUnit(dimension, value as number) - 1;
  return [x, x * x - 1 / 3];
}

const placesOf = (dimension: Dimension): Point[string][] =>
  dimension.kind === "choice"
    ? [...dimension.values]
    : Array.from({ length: PLACES }, (_, k) => fromUnit(dimension, (k + 0.5) / PLACES));

function clipped(values: number[]): number[] {
  const least = values.toSorted((a, b) => a - b)[Math.floor(HOPELESS_SHARE * values.length)];
  return values.map((value) => Math.max(value, least));
}

/** The effects of features that describe the values best. */
function fitted(rows: number[][], values: number[]): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const means = rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
  const x = new Matrix(rows.map((row) => row.map((feature, k) => feature - means[k])));
  const y = Matrix.columnVector(values.map((value) => value - mean));
  const gram = x.transpose().mmul(x).add(Matrix.eye(x.columns).mul(RIDGE));
  return solve(gram, x.transpose().mmul(y)).to1DArray();
}

function varianceOf(values: number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
