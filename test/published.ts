import { Value } from "typebox/value";
import { expect } from "vitest";
import { paths } from "../contracts/layout.ts";
import { Manifest } from "../contracts/manifest.ts";
import type { Objects } from "../night/state/objects.ts";
import { publishModel } from "../night/state/pointer.ts";
import { putFile } from "../night/state/model-file.ts";
import { finishedManifest } from "./finished-manifest.ts";
import { smallSnapshot } from "./night/shop.ts";

/** The factors' files of a model. */
export interface FactorFiles {
  items: Uint8Array;
  users: Uint8Array;
}

/** Factors' files for whoever only looks whether there are some. */
export const SOME_FACTORS: FactorFiles = { items: Uint8Array.of(1), users: Uint8Array.of(1) };

/** Stores a model as a finished night leaves it, and publishes it. */
export async function publishSnapshot(
  objects: Objects,
  model: string,
  snapshot = smallSnapshot(20),
  shop = "toys",
  factors?: FactorFiles,
): Promise<string> {
  const files = paths.load(shop, model, 1);
  const reference = await putFile(objects, files.snapshot, snapshot);
  const ofFactors = factors && {
    items: await putFile(objects, files.itemFactors, factors.items),
    users: await putFile(objects, files.userFactors, factors.users),
  };
  const metrics = { items: 20, snapshot: reference, ...(ofFactors ? { factors: ofFactors } : {}) };
  const manifest = finishedManifest(shop, model, metrics);
  expect(Value.Check(Manifest, manifest)).toBe(true);
  await objects.put(paths.manifest(shop, model), JSON.stringify(manifest));
  await publishModel(objects, { shop, model, now: new Date() });
  return files.snapshot;
}
