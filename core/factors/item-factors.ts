import type { AlsKnobs } from "../../contracts/settings/als.ts";
import { inChunks } from "../model/columns.ts";
import type { Scored } from "../model/neighbour-table.ts";
import { leastOf, offer, type Best, type Conditions } from "../ranking/best-rows.ts";
import { Arena, lines } from "./arena.ts";
import { Cholesky } from "./cholesky.ts";
import { contributions } from "./contributions.ts";
import type { FactorRows } from "./factor-rows.ts";
import { createKernels, strideOf, type Kernels } from "./kernels.ts";
import { FINAL_STEPS } from "./als.ts";

/** What the factors were trained for: see docs/ARCHITECTURE.md. */
export type Objective = Pick<AlsKnobs, "regularization" | "exponent" | "unobserved">;

/** An item of a user's history, and its weight v. */
export interface HistoryEntry {
  row: number;
  weight: number;
}

/** Asks for the n best items of one user. */
export interface PersonalQuery {
  vector: Float32Array;
  n: number;
  conditions: Conditions;
  /** Items near the user's history, best first; none: factors alone. */
  near?: readonly Scored[];
  /** The factors' share of a score, 0 to 1. The rest is that of `near`. */
  blend?: number;
  /** The only rows that count; absent: all. */
  among?: ArrayLike<number> | undefined;
}

/** The best items of one user, and the scale of their scores. */
export interface PersonalRanking {
  best: Best[];
  /** What x . y of an item is multiplied with in a score. */
  scale: number;
}

/** So many items near a history take part in a blend. */
export const NEAR = 200;

/** More items of a history than this do not change a user's factors noticeably. */
export const LONGEST_HISTORY = 10_000;

/**
 * The factors of all items, ready to score them for a user and to fold in a user that training has
 * not seen. The methods never await, so that calls do not meet in the buffers.
 */
export class ItemFactors {
  readonly rows: number;
  readonly factors: number;
  readonly #stride: number;
  readonly #objective: Objective;
  readonly #kernels: Kernels;
  readonly #cholesky: Cholesky;
  readonly #offsets: Record<"factors" | "diagonal" | "lambda" | "scratch" | "vector" | "scores", number>;
  readonly #entries: Record<"rowStart" | "column" | "weight", number>;
  readonly #memory: SharedArrayBuffer;

  /** `new ItemFactors(...)` in steps of a few milliseconds. */
  static *opening(items: FactorRows, objective: Objective): Generator<void, ItemFactors> {
    let steps: Iterable<void> = [];
    const opened = new ItemFactors(items, objective, (given) => (steps = given));
    yield* steps;
    return opened;
  }

  /**
   * @param items in the basis in which their Gram matrix is diagonal, as training leaves them.
   * @param run runs the steps that copy them; it must be done before the first question.
   */
  constructor(items: FactorRows, objective: Objective, run: (steps: Iterable<void>) => void = (s) => [...s]) {
    const { rows, factors } = items;
    const stride = strideOf(factors);
    const arena = new Arena(
      lines(4 * rows * stride) +
        lines(4 * rows) +
        2 * lines(4 * LONGEST_HISTORY) +
        2 * lines(20 * stride) +
        512,
    );
    this.rows = rows;
    this.factors = factors;
    this.#stride = stride;
    this.#objective = objective;
    this.#kernels = createKernels(arena.memory);
    this.#cholesky = new Cholesky(factors);
    const padded = arena.float32(rows * stride);
    const diagonal = arena.float32(stride);
    run(fill(items, stride, objective.unobserved, padded.values, diagonal.values));
    this.#offsets = {
      factors: padded.offset,
      diagonal: diagonal.offset,
      lambda: arena.allocate(4),
      scratch: arena.allocate(20 * stride),
      vector: arena.allocate(4 * stride),
      scores: arena.allocate(4 * rows),
    };
    this.#entries = {
      rowStart: arena.allocate(8),
      column: arena.allocate(4 * LONGEST_HISTORY),
      weight: arena.allocate(4 * LONGEST_HISTORY),
    };
    this.#memory = arena.memory.buffer;
  }

  /**
   * The factors of a user with this history: those that training would have given with these items'
   * factors. Of a longer history the first LONGEST_HISTORY items count.
   */
  foldIn(history: readonly HistoryEntry[]): Float32Array {
    const entries = history.slice(0, LONGEST_HISTORY);
    const { regularization, exponent, unobserved } = this.#objective;
    const { rowStart, column, weight } = this.#entries;
    const { factors, diagonal, lambda, scratch, vector } = this.#offsets;
    new Int32Array(this.#memory, rowStart, 2).set([0, entries.length]);
    new Int32Array(this.#memory, column, entries.length).set(entries.map(({ row }) => row));
    new Float32Array(this.#memory, weight, entries.length).set(entries.map(({ weight }) => weight));
    new Float32Array(this.#memory, lambda, 1)[0] = regularization * entries.length ** exponent;
    const x = new Float32Array(this.#memory, vector, this.#stride).fill(0);
    const row = [rowStart, column, weight, lambda, 0, 1, this.#stride] as const;
    const { steps, tolerance } = FINAL_STEPS;
    this.#kernels.solve(...row, diagonal, unobserved, factors, vector, steps, tolerance, scratch);
    return x.slice(0, this.factors);
  }

  /** An item's factors: a view. */
  factorsOf(row: number): Float32Array {
    return new Float32Array(this.#memory, this.#offsets.factors + 4 * row * this.#stride, this.factors);
  }

  /** x . y of an item; null for an item that training has not seen. */
  predict(vector: Float32Array, row: number): number | null {
    const y = this.factorsOf(row);
    let sum = 0;
    let isSeen = false;
    for (let k = 0; k < y.length; k++) {
      sum += vector[k] * y[k];
      isSeen ||= y[k] !== 0;
    }
    return isSeen ? sum : null;
  }

  /** What each item of a history contributes to the x . y of these rows: see contributions.ts. */
  contributions(history: readonly HistoryEntry[], rows: readonly number[]): Float64Array[] {
    const { regularization, exponent, unobserved } = this.#objective;
    const lambda = regularization * history.length ** exponent;
    const diagonal = new Float32Array(this.#memory, this.#offsets.diagonal, this.factors);
    return contributions(
      {
        diagonal: Float64Array.from(diagonal, (value) => value + lambda),
        history: history.map(({ row, weight }) => ({ weight, vector: this.factorsOf(row) })),
        unobserved,
      },
      rows.map((row) => this.factorsOf(row)),
      this.#cholesky,
    );
  }

  /**
   * The n best items. A score is the blend of two, each as a share of its list's largest: that of
   * the factors, and that of the items near the history. Only scores above 0 count.
   */
  best({ vector, n, conditions, near = [], blend = 1, among }: PersonalQuery): PersonalRanking {
    const scores = this.#score(vector);
    // Times 0 it becomes NaN, which is not above anything either.
    for (const row of conditions.excluded) scores[row] = -Infinity;
    const largest = among ? largestOf(scores, among) : largestOfAll(scores);
    const scale = largest > 0 ? (near.length > 0 ? blend : 1) / largest : 0;
    for (let row = 0; row < scores.length; row++) scores[row] *= scale;
    for (const { item, score } of near) scores[item] += ((1 - blend) * score) / near[0].score;
    const best: Best[] = [];
    let least = Number.MIN_VALUE;
    const look = (row: number) => {
      const sum = scores[row] * 1e6;
      if (!(sum >= least)) return;
      offer(best, row, sum, n, conditions);
      least = leastOf(best, n);
    };
    if (among) for (let k = 0; k < among.length; k++) look(among[k]);
    else for (let row = 0; row < scores.length; row++) look(row);
    return { best, scale };
  }

  #score(vector: Float32Array): Float32Array {
    const { vector: x, scores, factors } = this.#offsets;
    new Float32Array(this.#memory, x, this.#stride).set(vector);
    this.#kernels.score(x, factors, 0, this.rows, this.#stride, scores);
    return new Float32Array(this.#memory, scores, this.rows);
  }
}

/** Copies rows into padded ones, and adds up the diagonal of their Gram matrix. */
function* fill(
  { rows, factors, values }: FactorRows,
  stride: number,
  unobserved: number,
  padded: Float32Array,
  diagonal: Float32Array,
): Generator<void> {
  const sums = new Float64Array(stride);
  yield* inChunks(rows * stride, (from, to) => {
    for (let row = Math.ceil(from / stride); row * stride < to; row++) {
      for (let k = 0; k < factors; k++) {
        const value = values[row * factors + k];
        padded[row * stride + k] = value;
        sums[k] += value * value;
      }
    }
  });
  diagonal.set(sums.map((sum) => unobserved * sum));
}

function largestOfAll(scores: Float32Array): number {
  let largest = 0;
  for (let row = 0; row < scores.length; row++) if (scores[row] > largest) largest = scores[row];
  return largest;
}

function largestOf(scores: Float32Array, rows: ArrayLike<number>): number {
  let largest = 0;
  for (let k = 0; k < rows.length; k++) if (scores[rows[k]] > largest) largest = scores[rows[k]];
  return largest;
}
