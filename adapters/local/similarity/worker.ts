import { parentPort } from "node:worker_threads";
import { makerOf } from "../../../core/tables/makers.ts";
import type { WorkerTask } from "./find-neighbours.ts";

/** Popular items come first and cost the most, so small chunks keep the threads busy to the end. */
const CHUNK = 16;

parentPort!.once("message", ({ method, layout, result, control, done, worker }: WorkerTask) => {
  const kernel = makerOf(method).createKernel(layout);
  for (;;) {
    const from = Atomics.add(control, 0, CHUNK);
    if (from >= layout.items || Atomics.load(control, 1) === 1) break;
    const to = Math.min(from + CHUNK, layout.items);
    for (let place = from; place < to; place++) kernel.neighboursOf(place, result);
    done[worker] += layout.work[to] - layout.work[from];
  }
  parentPort!.postMessage("done");
});
