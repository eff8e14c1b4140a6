import type { Point, Space } from "../../../core/tuning/space.ts";

/** A function to find the largest value of. bench/peers/tune.py has the same ones. */
export interface TestFunction {
  space: Space;
  value(point: Point): number;
}

const real = (low: number, high: number) => ({ kind: "number", low, high }) as const;
const logarithmic = (low: number, high: number) => ({ kind: "number", low, high, log: true }) as const;
const numbers = (point: Point) => Object.values(point) as number[];

/** Hartmann's function of six variables (Dixon and Szegő, 1978). */
const ALPHA = [1, 1.2, 3, 3.2];
const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const P = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

export const FUNCTIONS: Record<string, TestFunction> = {
  branin: {
    space: { x: real(-5, 10), y: real(0, 15) },
    value(point) {
      const [x, y] = numbers(point);
      const valley = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
      return -(valley ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10);
    },
  },
  hartmann6: {
    space: Object.fromEntries(["a", "b", "c", "d", "e", "f"].map((name) => [name, real(0, 1)])),
    value(point) {
      const x = numbers(point);
      return ALPHA.reduce((sum, weight, k) => {
        const distance = x.reduce((d, value, j) => d + A[k][j] * (value - P[k][j]) ** 2, 0);
        return sum + weight * Math.exp(-distance);
      }, 0);
    },
  },
  /** What learning looks like: scales over decades, an integer, and knobs that act together. */
  learning: {
    space: {
      rate: logarithmic(1e-5, 1),
      decay: logarithmic(1e-6, 1e-1),
      depth: { kind: "number", low: 1, high: 12, integer: true },
      momentum: real(0, 1),
    },
    value({ rate, decay, depth, momentum }) {
      const effective = Math.log10((rate as number) / (1.05 - (momentum as number)));
      return -(
        (effective + 1.5) ** 2 +
        0.3 * (Math.log10(decay as number) + 3) ** 2 +
        0.05 * ((depth as number) - 6) ** 2
      );
    },
  },
  /** Two methods with knobs of their own beside a common one; the second is a little better. */
  methods: {
    space: {
      method: { kind: "choice", values: ["first", "second"] },
      common: real(0, 1),
      width: { ...real(0, 1), when: { knob: "method", is: ["first"] } },
      reach: { ...logarithmic(1, 1000), when: { knob: "method", is: ["second"] } },
      tilt: { ...real(0, 1), when: { knob: "method", is: ["second"] } },
    },
    value({ method, common, width, reach, tilt }) {
      const shared = 2 * ((common as number) - 0.7) ** 2;
      if (method === "first") return -(shared + 0.1 + 2 * ((width as number) - 0.2) ** 2);
      return -(shared + 0.3 * (Math.log10(reach as number) - 1.7) ** 2 + 2 * ((tilt as number) - 0.8) ** 2);
    },
  },
};
