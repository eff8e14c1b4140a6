import { paths } from "../contracts/manifest.ts";
import type { Settings } from "../contracts/settings.ts";
import type { Objects } from "./objects.ts";
import { listModels, modelFolders, readPointer } from "./pointer.ts";
import { listRuns } from "./run.ts";

/**
 * Deletes what nothing needs any more: models, exports and rejected rows of all runs but those of the `keepModels`
 * newest models, the current and the previous one, and the latest run (it may be finished yet). Manifests stay: they
 * are the history.
 * @returns the names of the deleted models.
 */
export async function prune(objects: Objects, { shop, keepModels }: Settings): Promise<string[]> {
  const pointer = (await readPointer(objects, shop))?.value;
  if (!pointer) return [];
  const models = await listModels(objects, shop);
  const latest = (await listRuns(objects, shop)).at(-1)?.value.run;
  const needed = new Set([...models.slice(-keepModels), pointer.model, pointer.previous, latest]);
  const isOld = (run: string | undefined) => run !== undefined && !needed.has(run);
  const pruned = (await modelFolders(objects, shop)).filter(isOld);
  for (const model of pruned) await deleteAll(objects, paths.model(shop, model));
  // An export is named <run>-<attempt>.
  const isOldExport = (path: string) => isOld(/\/export=([^/]+)-\d+\//.exec(path)?.[1]);
  await deleteAll(objects, paths.interactions(shop), isOldExport);
  await deleteAll(objects, paths.items(shop), isOldExport);
  await deleteAll(objects, paths.runs(shop), (path) => isOld(/\/runs\/([^/]+)\/rejects\./.exec(path)?.[1]));
  return pruned;
}

async function deleteAll(
  objects: Objects,
  prefix: string,
  isOld: (path: string) => boolean = () => true,
): Promise<void> {
  for (const path of (await objects.list(prefix)).filter(isOld)) await objects.delete(path);
}
