import { Problem } from "../../contracts/problem.ts";
import type { AlsKnobs } from "../../contracts/settings/als.ts";
import { eigenbasis } from "./eigenbasis.ts";
import { chunksOf, type Crew, type Phase } from "./phases.ts";
import type { SideName, Workspace } from "./workspace.ts";

/** Steps of conjugate gradients on each row: they start where the last iteration left it. */
const STEPS = { steps: 3, tolerance: 1e-6 };
/**
 * In the end users are solved as exactly as float32 allows. So folding a user in gives the same.
 */
export const FINAL_STEPS = { steps: 50, tolerance: 1e-11 };

export interface TrainingHooks {
  /** After each iteration: its number, from 1, and the loss. */
  iteration?(number: number, loss: number): void;
  signal?: AbortSignal;
}

/**
 * Implicit-feedback ALS (Hu, Koren, Volinsky 2008), on the objective in docs/ARCHITECTURE.md. Each
 * iteration solves the items, then the users. The factors stay in the workspace, in the basis in
 * which the items' Gram matrix is diagonal.
 *
 * Before a side is solved, both sides are turned into the basis in which the other's Gram matrix is
 * diagonal. No prediction changes by that. The dense part of each row's system becomes a vector.
 * @returns the loss.
 * @throws Problem when the loss is no number, or grows; the signal's reason when cancelled.
 */
export async function trainFactors(
  workspace: Workspace,
  { iterations, seed }: Pick<AlsKnobs, "iterations" | "seed">,
  crew: Crew,
  { iteration, signal }: TrainingHooks = {},
): Promise<number> {
  const run = (phase: Phase) => (signal?.throwIfAborted(), crew(phase));
  await run({ kind: "fill", side: "users", seed });
  let loss = Infinity;
  let usersGram = await gramOf(workspace, "users", run);
  for (let k = 1; k <= iterations; k++) {
    await improve(workspace, "items", usersGram, run, STEPS);
    const itemsGram = await gramOf(workspace, "items", run);
    const values = await improve(workspace, "users", itemsGram, run, k < iterations ? STEPS : FINAL_STEPS);
    usersGram = await gramOf(workspace, "users", run);
    const now = await lossOf(workspace, values, usersGram, run);
    if (!Number.isFinite(now) || now > loss * 1.001) throw diverged(k, loss, now);
    loss = now;
    iteration?.(k, loss);
  }
  return loss;
}

/** Solves a side's rows. Returns the eigenvalues of the fixed side's Gram matrix. */
async function improve(
  workspace: Workspace,
  side: SideName,
  fixedGram: Float64Array,
  run: Crew,
  steps: typeof STEPS,
): Promise<Float64Array> {
  const { memory, factors, stride, unobserved, rotation, diagonal } = workspace;
  const { values, vectors } = eigenbasis(fixedGram, factors, stride);
  new Float32Array(memory.buffer, rotation, stride * stride).set(vectors);
  new Float32Array(memory.buffer, diagonal, stride).set(values.map((value) => unobserved * value));
  await run({ kind: "rotate", side: "users" });
  await run({ kind: "rotate", side: "items" });
  await run({ kind: "solve", side, ...steps });
  return values;
}

/** The Gram matrix of a side's factors; its upper triangle. Chunks add up in their order. */
async function gramOf(workspace: Workspace, side: SideName, run: Crew): Promise<Float64Array> {
  const phase: Phase = { kind: "gram", side };
  await run(phase);
  const size = workspace.stride ** 2;
  const sum = new Float64Array(size);
  for (let chunk = 0; chunk < chunksOf(phase, workspace); chunk++) {
    const part = new Float32Array(workspace.memory.buffer, workspace.grams + 4 * size * chunk, size);
    for (let k = 0; k < size; k++) sum[k] += part[k];
  }
  return sum;
}

/**
 * The loss, with the items in their own basis: there the sum of all squared predictions is the sum
 * of both Gram matrices' diagonals, multiplied.
 */
async function lossOf(
  workspace: Workspace,
  itemValues: Float64Array,
  usersGram: Float64Array,
  run: Crew,
): Promise<number> {
  const { memory, stride, unobserved, losses } = workspace;
  const phase: Phase = { kind: "loss", side: "users" };
  await run(phase);
  const parts = new Float64Array(memory.buffer, losses, chunksOf(phase, workspace));
  const ofEntries = parts.reduce((a, b) => a + b, 0);
  const ofAll = itemValues.reduce((sum, value, k) => sum + value * usersGram[k * stride + k], 0);
  return ofEntries + unobserved * ofAll + itemPenalty(workspace);
}

function itemPenalty({ memory, stride, items }: Workspace): number {
  const factors = new Float32Array(memory.buffer, items.factors, items.rows * stride);
  const lambda = new Float32Array(memory.buffer, items.regularization, items.rows);
  let sum = 0;
  for (let i = 0; i < items.rows; i++) {
    let square = 0;
    for (let k = i * stride; k < (i + 1) * stride; k++) square += factors[k] * factors[k];
    sum += lambda[i] * square;
  }
  return sum;
}

function diverged(iteration: number, before: number, loss: number): Problem {
  return new Problem({
    doing: `Computing factors, iteration ${iteration}`,
    why: `the loss went from ${before} to ${loss}`,
    next: "raise als.regularization, or lower als.eventWeights: weights of very different sizes do that",
  });
}
