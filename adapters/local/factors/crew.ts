import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { createHand, rewind, type Crew, type Hand, type Phase } from "../../../core/factors/phases.ts";
import type { Workspace } from "../../../core/factors/workspace.ts";
import { ask } from "../ask-worker.ts";

/** With fewer numbers to solve, starting threads takes longer than the work. */
const WORTH_THREADS = 2_000_000;
/** This thread works so long before it looks at anything else. */
const SLICE_MS = 50;

// The extension of the running file tells if this is the source or the build.
const workerFile = new URL(`./hand${import.meta.url.slice(-3)}`, import.meta.url);

export const threadsOf = (asked: number) => asked || availableParallelism();

/** All threads of a training, and how to let them go. */
export interface Hired {
  crew: Crew;
  dismiss(): void;
}

/**
 * The threads that the workspace was laid out for: this one, and workers beside it; no worker for
 * little work. This thread stops now and then, so that progress, leases and cancelling go on.
 */
export function hire(workspace: Workspace): Hired {
  const { users, items, stride, scratch } = workspace;
  const isWorth = (users.rows + items.rows) * stride >= WORTH_THREADS;
  const others = isWorth ? [...scratch.keys()].slice(1) : [];
  const workers = others.map((thread) => new Worker(workerFile, { workerData: { workspace, thread } }));
  const hand = createHand(workspace, 0);
  const crew = async (phase: Phase) => {
    rewind(workspace);
    const orders = workers.map((worker) => ask(worker, phase));
    await Promise.all([...orders, workInSlices(hand, phase)]);
  };
  return { crew, dismiss: () => workers.forEach((worker) => void worker.terminate()) };
}

async function workInSlices(hand: Hand, phase: Phase): Promise<void> {
  let until = performance.now() + SLICE_MS;
  while (hand(phase)) {
    if (performance.now() < until) continue;
    await setImmediate();
    until = performance.now() + SLICE_MS;
  }
}
