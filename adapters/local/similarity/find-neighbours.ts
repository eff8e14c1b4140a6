import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { IdHashes } from "../../../core/ratings/dimsum.ts";
import type { SimilarityIndex } from "../../../core/tables/cosine/index.ts";
import { allocateNeighbours, type Neighbours } from "../../../core/tables/cosine/neighbour-lists.ts";
import {
  neighboursOfAll,
  prepare,
  type NeighbourOptions,
  type Prepared,
} from "../../../core/tables/cosine/neighbours.ts";
import { countPairs, type Ratings } from "../../../core/ratings/ratings.ts";

export interface SimilarityHooks {
  /** 0: one for each core. */
  threads?: number;
  /** For mode `dimsum`. */
  hashes?: IdHashes | undefined;
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

/** Below so many pairs, starting threads takes longer than the work. */
const WORTH_THREADS = 2_000_000;

// The file that is running tells whether this is the source or the build.
const workerFile = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url);

/**
 * The neighbours of every item, on all cores. Items are numbered as in the ratings, which are taken over (see `prepare`).
 * @throws the signal's reason when cancelled, and whatever a worker threw.
 */
export async function findNeighbours(
  ratings: Ratings,
  options: NeighbourOptions,
  hooks: SimilarityHooks = {},
): Promise<Prepared & { neighbours: Neighbours }> {
  hooks.signal?.throwIfAborted();
  const threads = countPairs(ratings) < WORTH_THREADS ? 0 : hooks.threads || availableParallelism();
  // The workers start while the ratings are prepared.
  const workers = Array.from({ length: threads }, () => new Worker(workerFile));
  try {
    const prepared = prepare(ratings, options, hooks.hashes);
    const { index } = prepared;
    const neighbours = threads === 0 ? neighboursOfAll(index) : await share(index, workers, hooks);
    return { ...prepared, neighbours };
  } finally {
    for (const worker of workers) void worker.terminate();
  }
}

async function share(index: SimilarityIndex, workers: Worker[], { progress, signal }: SimilarityHooks) {
  const result = allocateNeighbours(index.items, index.top);
  const control = new Int32Array(new SharedArrayBuffer(8));
  const done = new Float64Array(new SharedArrayBuffer(8 * workers.length));
  const report = () => progress?.(done.reduce((a, b) => a + b, 0) / index.work[index.items]);
  const cancel = () => Atomics.store(control, 1, 1);
  const timer = setInterval(report, 200);
  signal?.addEventListener("abort", cancel);
  try {
    await Promise.all(workers.map((worker, k) => run(worker, { index, result, control, done, worker: k })));
  } finally {
    // One worker's failure must not leave the others working.
    cancel();
    clearInterval(timer);
    signal?.removeEventListener("abort", cancel);
  }
  signal?.throwIfAborted();
  report();
  return result;
}

function run(worker: Worker, task: WorkerTask): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) =>
      reject(new Error(`a similarity worker exited with ${code} before its work was done`)),
    );
    worker.postMessage(task);
  });
}
