import { paths, runOfExport, runOfRejects } from "../../contracts/layout.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Objects } from "../state/objects.ts";
import { pinnedExports } from "../state/exports.ts";
import { listModels, modelFolders, pointedAt, readPointer } from "../state/pointer.ts";
import { readRuns } from "../run/run.ts";

/**
 * Deletes models, exports and rejected rows of old runs. It keeps:
 *
 * - the `keepModels` newest models
 * - the models that the pointer names, or has named within a day
 * - the latest run, since it may still be finished
 * - the exports that a kept run has pinned
 * - what belongs to a run whose manifest cannot be read
 * - all manifests, since they are the history
 *
 * @returns the names of the deleted models.
 */
export async function prune(
  objects: Objects,
  { shop, keepModels }: Pick<Settings, "shop" | "keepModels">,
  now: Date,
): Promise<string[]> {
  const pointer = (await readPointer(objects, shop))?.value;
  if (!pointer) return [];
  const models = await listModels(objects, shop);
  const { manifests, damaged } = await readRuns(objects, shop);
  const runs = manifests.map(({ value }) => value);
  const unknown = damaged.map(({ run }) => run);
  const needed = new Set([
    ...models.slice(-keepModels),
    ...pointedAt(pointer, now),
    runs.at(-1)?.run,
    ...unknown,
  ]);
  const isOld = (run: string | undefined) => run !== undefined && !needed.has(run);
  const pruned = (await modelFolders(objects, shop)).filter(isOld);
  for (const model of pruned) {
    // An operator may have rolled back to this model a moment ago.
    const now = await readPointer(objects, shop);
    if (now?.value.model !== model) await deleteAll(objects, paths.model(shop, model));
  }
  const pinned = runs
    .filter(({ run }) => needed.has(run))
    .flatMap(pinnedExports)
    .flatMap(({ interactions, items }) => [interactions, items]);
  const isOldExport = (path: string) =>
    isOld(runOfExport(path)) && !pinned.some((folder) => path.startsWith(folder));
  await deleteAll(objects, paths.interactions(shop), isOldExport);
  await deleteAll(objects, paths.items(shop), isOldExport);
  await deleteAll(objects, paths.reviewRows(shop), isOldExport);
  await deleteAll(objects, paths.runs(shop), (path) => isOld(runOfRejects(path)));
  return pruned;
}

async function deleteAll(
  objects: Objects,
  prefix: string,
  isOld: (path: string) => boolean = () => true,
): Promise<void> {
  for (const path of (await objects.list(prefix)).filter(isOld)) await objects.delete(path);
}
