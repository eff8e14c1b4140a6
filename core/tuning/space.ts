import type { Random } from "../random.ts";

/** One knob of a search: the values that it may take. */
export type Dimension = (NumberRange | Grid | Choice) & {
  /** The knob counts only where another one, a choice, has one of these values. */
  when?: { knob: string; is: readonly string[] };
};

/** Numbers from `low` to `high`, both included; on a logarithmic scale if `log`. */
interface NumberRange {
  kind: "number";
  low: number;
  high: number;
  log?: boolean;
  integer?: boolean;
}

/** A few numbers in ascending order: neighbours there are alike, whatever lies between them. */
interface Grid {
  kind: "grid";
  values: readonly number[];
}

/** Names without an order. */
interface Choice {
  kind: "choice";
  values: readonly string[];
}

export type Space = Readonly<Record<string, Dimension>>;

/** A value for each knob that counts: see `isActive`. */
export type Point = Readonly<Record<string, number | string>>;

/** True where the knob counts, given the point's choices. */
export const isActive = ({ when }: Dimension, point: Point): boolean =>
  when === undefined || when.is.includes(String(point[when.knob]));

/** The knobs in an order in which each comes after the choice that it depends on. */
export const inOrder = (space: Space): [knob: string, dimension: Dimension][] =>
  Object.entries(space).sort(([, a], [, b]) => Number(a.when !== undefined) - Number(b.when !== undefined));

/** A value's place from 0 to 1; all values of a dimension take up an equal share. */
export function toUnit(dimension: Exclude<Dimension, Choice>, value: number): number {
  if (dimension.kind === "grid") {
    const { values } = dimension;
    const nearest = values.reduce(
      (best, v, k) => (Math.abs(v - value) < Math.abs(values[best] - value) ? k : best),
      0,
    );
    return (nearest + 0.5) / values.length;
  }
  const [low, high] = edges(dimension);
  const at = dimension.log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, at));
}

/** The value at a place from 0 to 1. Numbers have three digits: more would tell of noise. */
export function fromUnit(dimension: Exclude<Dimension, Choice>, unit: number): number {
  if (dimension.kind === "grid") {
    const { values } = dimension;
    return values[Math.min(values.length - 1, Math.floor(unit * values.length))];
  }
  const [low, high] = edges(dimension);
  const value = dimension.log ? low * (high / low) ** unit : low + (high - low) * unit;
  const rounded = dimension.integer ? Math.round(value) : Number(value.toPrecision(3));
  return Math.min(dimension.high, Math.max(dimension.low, rounded));
}

/** An integer stands for all numbers that are rounded to it. */
const edges = ({ low, high, log, integer }: NumberRange) =>
  integer ? [log ? Math.max(low - 0.5, 0.5) : low - 0.5, high + 0.5] : [low, high];

/** A point that nothing is known of. */
export function randomPoint(space: Space, random: Random): Point {
  const point: Record<string, number | string> = {};
  for (const [knob, dimension] of inOrder(space)) {
    if (!isActive(dimension, point)) continue;
    point[knob] =
      dimension.kind === "choice"
        ? dimension.values[random.below(dimension.values.length)]
        : fromUnit(dimension, random.next());
  }
  return point;
}
