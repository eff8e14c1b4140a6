import { parentPort, workerData } from "node:worker_threads";
import { createHand, type Phase } from "../../../core/factors/phases.ts";
import type { Workspace } from "../../../core/factors/workspace.ts";

const { workspace, thread } = workerData as { workspace: Workspace; thread: number };
const hand = createHand(workspace, thread);
parentPort!.on("message", (phase: Phase) => {
  while (hand(phase));
  parentPort!.postMessage("done");
});
