import { createKernels } from "./kernels.ts";
import { MOST_GRAMS, ROWS, type SideName, type Workspace } from "./workspace.ts";

/** One step of a training that threads can share, chunk by chunk, in any order. */
export type Phase =
  | { kind: "fill"; side: SideName; seed: number }
  | { kind: "gram" | "rotate" | "loss"; side: SideName }
  | { kind: "solve"; side: SideName; steps: number; tolerance: number };

/** Runs a phase to its end, on any number of threads. */
export type Crew = (phase: Phase) => Promise<void>;

/** Rows of a chunk. They do not depend on the threads, so neither do sums over chunks. */
const chunkRows = ({ kind }: Phase, rows: number) =>
  kind === "gram" ? Math.max(4096, Math.ceil(rows / MOST_GRAMS)) : ROWS;

export const chunksOf = (phase: Phase, workspace: Workspace) => {
  const { rows } = workspace[phase.side];
  return Math.ceil(rows / chunkRows(phase, rows));
};

/** A thread's part of a phase: does the next chunk, until the answer is that none is left. */
export type Hand = (phase: Phase) => boolean;

export function createHand(workspace: Workspace, thread: number): Hand {
  const { memory, stride, unobserved, rotation, diagonal } = workspace;
  const kernels = createKernels(memory);
  const next = new Int32Array(memory.buffer, workspace.next, 1);
  const scratch = workspace.scratch[thread];

  function work(phase: Phase, chunk: number): void {
    const side = workspace[phase.side];
    const { rowStart, column, weight, regularization, factors } = side;
    const entries = [rowStart, column, weight, regularization] as const;
    const fixed = workspace[phase.side === "users" ? "items" : "users"].factors;
    const size = chunkRows(phase, side.rows);
    const rows = [chunk * size, Math.min(side.rows, (chunk + 1) * size), stride] as const;
    switch (phase.kind) {
      case "fill":
        kernels.fill(factors, ...rows, workspace.factors, phase.seed, boundOf(workspace.factors));
        break;
      case "gram":
        kernels.gram(factors, ...rows, workspace.grams + 4 * stride * stride * chunk);
        break;
      case "rotate":
        kernels.rotate(factors, ...rows, rotation, scratch);
        break;
      case "solve": {
        const { steps, tolerance } = phase;
        kernels.solve(...entries, ...rows, diagonal, unobserved, fixed, factors, steps, tolerance, scratch);
        break;
      }
      case "loss":
        new Float64Array(memory.buffer, workspace.losses)[chunk] = kernels.loss(
          ...entries,
          ...rows,
          unobserved,
          fixed,
          factors,
        );
    }
  }

  return (phase) => {
    const chunk = Atomics.add(next, 0, 1);
    const isLeft = chunk < chunksOf(phase, workspace);
    if (isLeft) work(phase, chunk);
    return isLeft;
  };
}

/** Uniform numbers: vectors of length 1/2 on average. Others take more iterations. */
const boundOf = (factors: number) => 0.5 * Math.sqrt(3 / factors);

/** Before each phase: the first chunk is the next. */
export function rewind({ memory, next }: Workspace): void {
  Atomics.store(new Int32Array(memory.buffer, next, 1), 0, 0);
}

/** The calling thread alone. */
export function alone(workspace: Workspace): Crew {
  const hand = createHand(workspace, 0);
  return async (phase) => {
    rewind(workspace);
    while (hand(phase));
  };
}
