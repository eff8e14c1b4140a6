import { paths } from "../contracts/manifest.ts";
import type { Settings } from "../contracts/settings.ts";
import type { Objects } from "./objects.ts";
import { listModels, readPointer } from "./pointer.ts";
import { listRuns } from "./run.ts";

/**
 * Deletes the models that are neither among the `keepModels` newest nor current nor previous, and the exports that no
 * kept model's run and no unfinished run has pinned. Manifests stay: they are the history.
 * @returns the names of the deleted models.
 */
export async function prune(objects: Objects, { shop, keepModels }: Settings): Promise<string[]> {
  const models = await listModels(objects, shop);
  const pointer = (await readPointer(objects, shop))?.value;
  const kept = new Set([...models.slice(-keepModels), pointer?.model, pointer?.previous]);
  const pruned = models.filter((model) => !kept.has(model));
  for (const model of pruned) await deleteAll(objects, paths.model(shop, model));
  const runs = await listRuns(objects, shop);
  const alive = runs.filter(({ value }) => kept.has(value.run) || value.state !== "done");
  await deleteExports(objects, shop, new Set(alive.map(({ value }) => value.run)));
  return pruned;
}

/** An export is named `<run>-<attempt>`: see `exportName`. */
async function deleteExports(objects: Objects, shop: string, runs: Set<string>): Promise<void> {
  for (const prefix of [paths.interactions(shop), paths.items(shop)]) {
    for (const path of await objects.list(prefix)) {
      const run = /\/export=([^/]+)-\d+\//.exec(path)?.[1];
      if (run && !runs.has(run)) await objects.delete(path);
    }
  }
}

async function deleteAll(objects: Objects, prefix: string): Promise<void> {
  for (const path of await objects.list(prefix)) await objects.delete(path);
}
