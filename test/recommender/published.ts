import { Value } from "typebox/value";
import { expect } from "vitest";
import { paths } from "../../contracts/layout.ts";
import { lastDayOf, Manifest } from "../../contracts/manifest.ts";
import type { Objects } from "../../night/state/objects.ts";
import { publishModel } from "../../night/state/pointer.ts";
import { sha256 } from "../../night/state/model-file.ts";
import { smallSnapshot } from "../night/shop.ts";

/** Stores a model as a finished night leaves it, and publishes it. */
export async function publishSnapshot(
  objects: Objects,
  model: string,
  snapshot = smallSnapshot(20),
  shop = "toys",
): Promise<string> {
  const path = `shops/${shop}/models/${model}/load=1/snapshot.arrow`;
  const reference = { path, bytes: snapshot.length, sha256: await sha256(snapshot) };
  const done = { state: "done", attempt: 1 } as const;
  const manifest: Manifest = {
    format: 1,
    shop,
    run: model,
    lastDay: lastDayOf(model),
    state: "done",
    startedAt: "",
    lease: { owner: "", expiresAt: "" },
    settings: {},
    versions: {},
    warnings: [],
    stages: {
      export: done,
      similarity: done,
      publish: done,
      load: { ...done, metrics: { items: 20, snapshot: reference } },
    },
  };
  expect(Value.Check(Manifest, manifest)).toBe(true);
  await objects.put(path, snapshot);
  await objects.put(paths.manifest(shop, model), JSON.stringify(manifest));
  await publishModel(objects, { shop, model, now: new Date() });
  return path;
}
