import { Value } from "typebox/value";
import { paths } from "../../contracts/layout.ts";
import { Manifest } from "../../contracts/manifest.ts";
import { LoadMetrics } from "../../contracts/metrics.ts";
import { Problem } from "../../contracts/problem.ts";
import { atOnce, decodingSteps, type Snapshot } from "../../core/model/decode.ts";
import { readDocument } from "./document.ts";
import type { Objects } from "./objects.ts";

/** The SHA-256 of bytes, in hexadecimal. Web Crypto is used since all our platforms have it. */
export async function sha256(data: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", data as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The way to process a large file: at once, or in slices for a process that has other work too. */
export interface Work {
  sha256(data: Uint8Array): Promise<string>;
  run<T>(steps: Generator<void, T>): T | Promise<T>;
}

const AT_ONCE: Work = { sha256, run: atOnce };

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
  const damaged = (why: string, cause?: unknown) => {
    const next = `publish another model: steamer rollback --shop ${shop}, or run the night again`;
    return new Problem({ doing: `Loading model ${model} of ${shop}`, why, next, cause });
  };
  const manifest = await readDocument(objects, paths.manifest(shop, model), Manifest);
  const loaded = manifest?.value.stages.load.metrics;
  if (!Value.Check(LoadMetrics, loaded)) throw damaged("its run's manifest names no snapshot");
  const reference = loaded.snapshot;
  const stored = await objects.get(reference.path);
  if (!stored) throw damaged(`${reference.path} is missing`);
  if ((await work.sha256(stored.data)) !== reference.sha256)
    throw damaged(`${reference.path} has another checksum`);
  try {
    return await work.run(decodingSteps(stored.data));
  } catch (cause) {
    throw damaged(`${reference.path} does not fit: ${(cause as Error).message}`, cause);
  }
}
