import { parentPort } from "node:worker_threads";
import { createKernel } from "../../../core/tables/cosine/kernel.ts";
import type { WorkerTask } from "./find-neighbours.ts";

/** Popular items come first and are the expensive ones, so small chunks keep the threads busy to the end. */
const CHUNK = 16;

parentPort!.once("message", ({ index, result, control, done, worker }: WorkerTask) => {
  const kernel = createKernel(index);
  for (;;) {
    const from = Atomics.add(control, 0, CHUNK);
    if (from >= index.items || Atomics.load(control, 1) === 1) break;
    const to = Math.min(from + CHUNK, index.items);
    for (let label = from; label < to; label++) kernel.neighboursOf(label, result);
    done[worker] += index.work[to] - index.work[from];
  }
  parentPort!.postMessage("done");
});
