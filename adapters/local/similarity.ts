import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SimilarityIndex } from "../../core/similarity/index.ts";
import { allocateNeighbours, type Neighbours } from "../../core/similarity/kernel.ts";
import { neighboursOfAll } from "../../core/similarity/neighbours.ts";

export interface SimilarityHooks {
  /** 0: one for each core. */
  threads?: number;
  /** Called a few times a second with the share of the work done (0 to 1). */
  progress?: (fraction: number) => void;
  signal?: AbortSignal;
}

/** What the main thread hands to each worker; every array in it is shared memory. */
export interface WorkerTask {
  index: SimilarityIndex;
  result: Neighbours;
  /** [next label to take, 1 when cancelled] */
  control: Int32Array;
  /** The work done so far by each worker. */
  done: Float64Array;
  worker: number;
}

/** Below so many additions, starting threads takes longer than the work. */
const WORTH_THREADS = 2_000_000;

// The file that is running tells whether this is the source or the build.
const workerFile = new URL(`./similarity-worker${import.meta.url.slice(-3)}`, import.meta.url);

/**
 * The neighbours of every item, on all cores. Items are numbered as in the ratings behind the index.
 * @throws the signal's reason when cancelled, and whatever a worker threw.
 */
export async function computeNeighbours(
  index: SimilarityIndex,
  hooks: SimilarityHooks = {},
): Promise<Neighbours> {
  hooks.signal?.throwIfAborted();
  const total = index.work[index.items];
  const threads = hooks.threads || availableParallelism();
  if (total < WORTH_THREADS) return neighboursOfAll(index);
  const result = allocateNeighbours(index.items, index.top);
  const control = new Int32Array(new SharedArrayBuffer(8));
  const done = new Float64Array(new SharedArrayBuffer(8 * threads));
  const report = () => hooks.progress?.(done.reduce((a, b) => a + b, 0) / total);
  const cancel = () => Atomics.store(control, 1, 1);
  const timer = setInterval(report, 200);
  hooks.signal?.addEventListener("abort", cancel);
  try {
    const workers = Array.from({ length: threads }, (_, worker) =>
      runWorker({ index, result, control, done, worker }),
    );
    await Promise.all(workers);
  } finally {
    clearInterval(timer);
    hooks.signal?.removeEventListener("abort", cancel);
  }
  hooks.signal?.throwIfAborted();
  report();
  return result;
}

function runWorker(task: WorkerTask): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile, { workerData: task });
    worker.once("error", reject);
    worker.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`similarity worker exited with ${code}`)),
    );
  });
}
