import type { Random } from "../random.ts";
import { fromUnit, inOrder, isActive, toUnit, type Dimension, type Point, type Space } from "./space.ts";

/** The part of one point, or of the prior, in a density of one knob. */
type Kernel = { mean: number; spread: number } | { shares: readonly number[] };

/** No kernel is narrower than one share of this many, or of the number of points. */
const NARROWEST = 100;

/**
 * A density of points: the mean of a kernel around each point, and of a flat one that stands for
 * what nobody has tried. A kernel is a product over knobs: a normal distribution within the knob's
 * range, or shares of a choice's names. Where a point has no value of a knob, its kernel is flat
 * there: so points with another method still tell of the knobs that both have.
 */
export class Parzen {
  readonly #knobs: [knob: string, dimension: Dimension][];
  /** The kernels of each knob: one a point, and the flat one. */
  readonly #kernels: Record<string, Kernel[]>;
  readonly #size: number;

  constructor(space: Space, points: readonly Point[]) {
    this.#knobs = inOrder(space);
    this.#size = points.length + 1;
    this.#kernels = Object.fromEntries(
      this.#knobs.map(([knob, dimension]) => {
        const values = [...points.map((point) => point[knob]), undefined];
        return [
          knob,
          dimension.kind === "choice"
            ? shareKernels(dimension.values, values)
            : normalKernels(dimension, values),
        ];
      }),
    );
  }

  /** Draws a point: one kernel, then a value of each knob from it. */
  sample(random: Random): Point {
    const kernel = random.below(this.#size);
    const point: Record<string, number | string> = {};
    for (const [knob, dimension] of this.#knobs)
      if (isActive(dimension, point)) point[knob] = draw(dimension, this.#kernels[knob][kernel], random);
    return point;
  }

  /** The logarithm of the density, over the knobs that the point has. */
  logDensity(point: Point): number {
    const logs = Array.from({ length: this.#size }, (_, k) =>
      this.#knobs.reduce(
        (sum, [knob, dimension]) =>
          knob in point ? sum + logOf(dimension, this.#kernels[knob][k], point[knob]) : sum,
        0,
      ),
    );
    const most = Math.max(...logs);
    return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length);
  }
}

/** Each name has a part of one point in all kernels together, whatever was tried. */
function shareKernels(names: readonly string[], values: readonly (Point[string] | undefined)[]): Kernel[] {
  return values.map((value) => {
    const parts = names.map((name) => 1 / values.length + (name === value ? 1 : 0));
    const total = parts.reduce((a, b) => a + b, 0);
    return { shares: parts.map((part) => part / total) };
  });
}

/** A kernel is as wide as the gap to the farther of its two neighbours. */
function normalKernels(
  dimension: Parameters<typeof toUnit>[0],
  values: readonly (Point[string] | undefined)[],
): Kernel[] {
  const units = values.map((value) => (value === undefined ? NaN : toUnit(dimension, value as number)));
  const sorted = units.filter((unit) => !Number.isNaN(unit)).sort((a, b) => a - b);
  const least = 1 / Math.min(NARROWEST, values.length + 1);
  return units.map((mean) => {
    if (Number.isNaN(mean)) return { mean: 0.5, spread: 1 };
    if (sorted.length === 1) return { mean, spread: Math.max(mean, 1 - mean) };
    const at = sorted.indexOf(mean);
    const gaps = [sorted[at] - sorted[at - 1], sorted[at + 1] - sorted[at]];
    return { mean, spread: Math.max(least, ...gaps.filter((gap) => !Number.isNaN(gap))) };
  });
}

function draw(dimension: Dimension, kernel: Kernel, random: Random): number | string {
  if (dimension.kind === "choice") {
    let left = random.next();
    const { shares } = kernel as { shares: readonly number[] };
    const at = shares.findIndex((share) => (left -= share) < 0);
    return dimension.values[at < 0 ? shares.length - 1 : at];
  }
  const { mean, spread } = kernel as { mean: number; spread: number };
  for (;;) {
    const unit = mean + spread * random.normal();
    if (unit >= 0 && unit <= 1) return fromUnit(dimension, unit);
  }
}

function logOf(dimension: Dimension, kernel: Kernel, value: number | string): number {
  if (dimension.kind === "choice")
    return Math.log(
      (kernel as { shares: readonly number[] }).shares[dimension.values.indexOf(value as string)],
    );
  const { mean, spread } = kernel as { mean: number; spread: number };
  const z = (toUnit(dimension, value as number) - mean) / spread;
  return -0.5 * z * z - Math.log(spread * (below((1 - mean) / spread) - below(-mean / spread)));
}

/** The standard normal distribution function, to 1e-7: Abramowitz and Stegun, 26.2.17. */
function below(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * polynomial;
  return z < 0 ? upper : 1 - upper;
}
