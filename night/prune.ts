import { paths } from "../contracts/manifest.ts";
import type { Settings } from "../contracts/settings.ts";
import type { Objects } from "./objects.ts";
import { listModels, modelFolders, readPointer } from "./pointer.ts";
import { compareRuns } from "./run.ts";

/**
 * Deletes what nothing needs any more: models and exports of all runs but the `keepModels` newest models, the current
 * and the previous one, and runs after the current model (they may be finished yet). Manifests stay: they are the history.
 * @returns the names of the deleted models.
 */
export async function prune(objects: Objects, { shop, keepModels }: Settings): Promise<string[]> {
  const models = await listModels(objects, shop);
  const pointer = (await readPointer(objects, shop))?.value;
  if (!pointer) return [];
  const kept = new Set([...models.slice(-keepModels), pointer.model, pointer.previous]);
  const isNeeded = (run: string) => kept.has(run) || compareRuns(run, pointer.model) > 0;
  const pruned = (await modelFolders(objects, shop)).filter((model) => !isNeeded(model));
  for (const model of pruned) await deleteAll(objects, paths.model(shop, model));
  for (const prefix of [paths.interactions(shop), paths.items(shop)]) {
    // An export is named <run>-<attempt>.
    await deleteAll(
      objects,
      prefix,
      (path) => !isNeeded(/\/export=([^/]+)-\d+\//.exec(path)?.[1] ?? pointer.model),
    );
  }
  return pruned;
}

async function deleteAll(
  objects: Objects,
  prefix: string,
  isOld: (path: string) => boolean = () => true,
): Promise<void> {
  for (const path of (await objects.list(prefix)).filter(isOld)) await objects.delete(path);
}
