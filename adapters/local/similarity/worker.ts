import { parentPort } from "node:worker_threads";
import { makerOf, phasesOf } from "../../../core/tables/makers.ts";
import type { Layout, Phase } from "../../../core/tables/table-maker.ts";
import type { WorkerTask } from "./find-neighbours.ts";

/** Popular items come first and cost the most, so small chunks keep the threads busy to the end. */
const CHUNK = 16;

let phases: Phase[] | undefined;

parentPort!.on("message", ({ method, layout, result, phase, control, done, worker }: WorkerTask) => {
  phases ??= phasesOf(makerOf(method).createKernel(layout), layout, result);
  const { places, run } = phases[phase];
  for (;;) {
    const from = Atomics.add(control, 0, CHUNK);
    if (from >= places || Atomics.load(control, 1) === 1) break;
    const to = Math.min(from + CHUNK, places);
    for (let place = from; place < to; place++) run(place);
    done[worker] += workBefore(layout, to / places) - workBefore(layout, from / places);
  }
  parentPort!.postMessage("done");
});

/** The work of this share of the places of any phase: as much as that of so many items. */
const workBefore = ({ items, work }: Layout, share: number) => work[Math.round(share * items)];
