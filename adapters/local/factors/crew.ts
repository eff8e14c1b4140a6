import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { alone, chunksOf, rewind, type Crew, type Phase } from "../../../core/factors/phases.ts";
import type { Workspace } from "../../../core/factors/workspace.ts";

/** With fewer numbers to solve, starting threads takes longer than the work. */
const WORTH_THREADS = 2_000_000;

// The extension of the running file tells if this is the source or the build.
const workerFile = new URL(`./hand${import.meta.url.slice(-3)}`, import.meta.url);

export const threadsOf = (asked: number) => asked || availableParallelism();

/** All threads of a training, and how to let them go. */
export interface Hired {
  crew: Crew;
  dismiss(): void;
}

/** One worker thread for each thread that the workspace was laid out for; none for little work. */
export function hire(workspace: Workspace): Hired {
  const { users, items, stride, scratch } = workspace;
  if ((users.rows + items.rows) * stride < WORTH_THREADS || scratch.length === 1)
    return { crew: alone(workspace), dismiss: () => {} };
  const workers = scratch.map((_, thread) => new Worker(workerFile, { workerData: { workspace, thread } }));
  const crew = async (phase: Phase) => {
    rewind(workspace);
    // A phase of few chunks does not wake everybody.
    const some = workers.slice(0, chunksOf(phase, workspace));
    await Promise.all(some.map((worker) => order(worker, phase)));
  };
  return { crew, dismiss: () => workers.forEach((worker) => void worker.terminate()) };
}

/** @throws the worker's error, or that it has ended. */
function order(worker: Worker, phase: Phase): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off("message", done).off("error", failed).off("exit", ended);
      act();
    };
    const done = () => settle(resolve);
    const failed = (error: unknown) => settle(() => reject(error));
    const ended = (code: number) =>
      settle(() => reject(new Error(`a thread exited with ${code} before its work was done`)));
    worker.on("message", done).on("error", failed).on("exit", ended);
    worker.postMessage(phase);
  });
}
