import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { allocateNeighbours, type Neighbours } from "../../../core/tables/neighbour-lists.ts";
import type { Method } from "../../../contracts/methods.ts";
import { makerOf, neighboursOfAll } from "../../../core/tables/makers.ts";
import type { Layout, Prepared, PrepareHints, TableOptions } from "../../../core/tables/table-maker.ts";
import type { Ratings } from "../../../core/ratings/ratings.ts";
import { ask } from "../ask-worker.ts";

export interface SimilarityHooks extends PrepareHints {
  /** 0: one for each core. */
  threads?: number;
  /** Called a few times a second with the share of the work done (0 to 1). */
  progress?: (fraction: number) => void;
  signal?: AbortSignal;
}

/**
 * The main thread's task for each worker in one phase; every array in it is shared memory.
 */
export interface WorkerTask {
  method: Method;
  layout: Layout;
  result: Neighbours;
  phase: number;
  /** [next place to take, 1 when cancelled] */
  control: Int32Array;
  /** The work done so far by each worker, in all phases. */
  done: Float64Array;
  worker: number;
}

/** With fewer pairs, starting threads takes longer than the work. */
const WORTH_THREADS = 6_000_000;

// The extension of the running file tells if this is the source or the build.
const workerFile = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url);

/**
 * The neighbours of every item, on all cores. Item numbers are those of the ratings.
 * @throws the signal's reason when cancelled, or a worker's error.
 */
export async function findNeighbours(
  ratings: Ratings,
  options: TableOptions,
  hooks: SimilarityHooks = {},
): Promise<Prepared & { neighbours: Neighbours }> {
  hooks.signal?.throwIfAborted();
  const { method } = options;
  const maker = makerOf(method);
  const threads = maker.cost(ratings, options) < WORTH_THREADS ? 0 : hooks.threads || availableParallelism();
  // The workers start while the ratings are prepared.
  const workers = Array.from({ length: threads }, () => new Worker(workerFile));
  try {
    const prepared = maker.prepare(ratings, options, hooks);
    const { layout } = prepared;
    const neighbours =
      threads === 0 ? neighboursOfAll(maker, layout) : await share({ method, layout }, workers, hooks);
    return { ...prepared, neighbours };
  } finally {
    for (const worker of workers) void worker.terminate();
  }
}

async function share(
  work: Pick<WorkerTask, "method" | "layout">,
  workers: Worker[],
  { progress, signal }: SimilarityHooks,
): Promise<Neighbours> {
  const { layout } = work;
  const result = allocateNeighbours(layout.items, layout.top);
  const control = new Int32Array(new SharedArrayBuffer(8));
  const done = new Float64Array(new SharedArrayBuffer(8 * workers.length));
  const { phases = 1 } = makerOf(work.method);
  const report = () => progress?.(done.reduce((a, b) => a + b, 0) / phases / layout.work[layout.items]);
  const cancel = () => Atomics.store(control, 1, 1);
  const timer = setInterval(report, 200);
  signal?.addEventListener("abort", cancel);
  try {
    for (let phase = 0; phase < phases; phase++) {
      Atomics.store(control, 0, 0);
      const taskOf = (worker: number): WorkerTask => ({ ...work, result, phase, control, done, worker });
      await Promise.all(workers.map((worker, k) => ask(worker, taskOf(k))));
    }
  } finally {
    // After one worker's failure the others must stop, too.
    cancel();
    clearInterval(timer);
    signal?.removeEventListener("abort", cancel);
  }
  signal?.throwIfAborted();
  report();
  return result;
}
