import { atOnce, decodingSteps, type Snapshot } from "../../core/model/decode.ts";
import { filesOfModel, type ModelFiles } from "./model-file.ts";
import { sha256 } from "./sha256.ts";
import type { Objects } from "./objects.ts";

/** The way to process a large file: at once, or in slices for a process that has other work too. */
export interface Work {
  sha256(data: Uint8Array): Promise<string>;
  run<T>(steps: Generator<void, T>): T | Promise<T>;
}

export const AT_ONCE: Work = { sha256, run: atOnce };

/**
 * Reads a model's snapshot, and checks it against its run's manifest.
 * @throws Problem when it is missing, damaged or does not fit. A partly read model is never
 * returned.
 */
export async function readSnapshot(
  objects: Objects,
  shop: string,
  model: string,
  work = AT_ONCE,
): Promise<Snapshot> {
  return openSnapshot(await filesOfModel(objects, shop, model, (data) => work.sha256(data)), work);
}

/** The same, where the manifest has been read. */
export const openSnapshot = ({ loaded, open }: ModelFiles, work: Work): Promise<Snapshot> =>
  open(loaded.snapshot, (data) => work.run(decodingSteps(data)));
