import { isUserFactorFile, modelOf, paths } from "../../contracts/layout.ts";
import { Manifest } from "../../contracts/manifest.ts";
import { LoadMetrics, type ModelFile } from "../../contracts/metrics.ts";
import { Problem } from "../../contracts/problem.ts";
import { decodingUserFactors, type FactorUsers } from "../../core/factors/decode-factors.ts";
import { encodeUserFactors } from "../../core/factors/encode-factors.ts";
import { rowOf } from "../../core/factors/factor-rows.ts";
import { withoutUser } from "../../core/factors/without-user.ts";
import { Value } from "typebox/value";
import { changeDocument, readDocument } from "../state/document.ts";
import { putUsersWithout } from "../state/model-file.ts";
import type { Objects } from "../state/objects.ts";
import { AT_ONCE, readSnapshot } from "../state/snapshot.ts";
import type { Holding, Place, Progress } from "./place.ts";

/** A file that has the user. */
interface File {
  path: string;
  model: string;
  users: FactorUsers;
  row: number;
}

/**
 * The users' files of models (`user-factors.arrow`), also those that no manifest names: of attempts
 * that failed, say. A file is never changed. Another is put beside it, the manifest names that one,
 * and then the first is deleted. So at every moment the manifest names a whole file.
 */
export function userFilesPlace(objects: Objects, shop: string): Place {
  /** Opens one file after the other: a file may be large. */
  async function* filesOf(user: string, progress: Progress): AsyncGenerator<File> {
    const found = (await objects.list(paths.models(shop))).filter(isUserFactorFile);
    for (const [k, path] of found.entries()) {
      const stored = await objects.get(path);
      const users = stored && (await opened(path, stored.data));
      const row = users?.find(user) ?? -1;
      if (users && row >= 0) yield { path, model: modelOf(path)!, users, row };
      progress((k + 1) / found.length);
    }
  }

  return {
    name: "models",

    async find(user, progress) {
      const found: Holding[] = [];
      for await (const { path, model, users, row } of filesOf(user, progress)) {
        const snapshot = await readSnapshot(objects, shop, model).catch(() => null);
        const itemOf = (item: number) => snapshot?.idOf(item) ?? `row ${item}`;
        found.push({ where: path, rows: [personIn(users, row, itemOf)] });
      }
      return found;
    },

    async erase(user, progress) {
      let removed = 0;
      // Another erasure may have put a file beside the one that was read.
      for (let before = -1; before !== removed;) {
        before = removed;
        for await (const file of filesOf(user, progress)) {
          await replace(objects, shop, file);
          removed++;
        }
      }
      return removed;
    },
  };
}

async function opened(path: string, data: Uint8Array): Promise<FactorUsers> {
  try {
    return await AT_ONCE.run(decodingUserFactors(data));
  } catch (cause) {
    const next = "the model cannot be used: publish another one, and remove its folder";
    throw new Problem({ doing: `Reading ${path}`, why: (cause as Error).message, next, cause });
  }
}

function personIn(
  { factors, histories, bought }: FactorUsers,
  row: number,
  itemOf: (item: number) => string,
) {
  const own = new Set(bought.item.subarray(bought.offset[row], bought.offset[row + 1]));
  const [from, to] = [histories.offset[row], histories.offset[row + 1]];
  return {
    vector: [...rowOf(factors, row)],
    history: Array.from(histories.item.subarray(from, to), (item, k) => ({
      item: itemOf(item),
      weight: histories.weight[from + k],
      bought: own.has(item),
    })),
  };
}

/** The users' file that a model's manifest names. */
async function namedBy(objects: Objects, shop: string, model: string): Promise<string | undefined> {
  const manifest = await readDocument(objects, paths.manifest(shop, model), Manifest);
  return manifest ? loadedBy(manifest.value)?.factors?.users.path : undefined;
}

function loadedBy({ stages }: Manifest): LoadMetrics | undefined {
  return Value.Check(LoadMetrics, stages.load.metrics) ? stages.load.metrics : undefined;
}

/** Removes a file. If a manifest names it, another comes in its place. */
async function replace(objects: Objects, shop: string, { path, model, users, row }: File): Promise<void> {
  if ((await namedBy(objects, shop, model)) === path) {
    const file = await putUsersWithout(objects, path, encodeUserFactors(withoutUser(users, row)));
    await nameInstead(objects, { shop, model, path, file });
    // Another erasure was faster, and its file counts.
    if ((await namedBy(objects, shop, model)) !== file.path) await objects.delete(file.path);
  }
  await objects.delete(path);
}

async function nameInstead(
  objects: Objects,
  { shop, model, path, file }: { shop: string; model: string; path: string; file: ModelFile },
): Promise<void> {
  await changeDocument(objects, paths.manifest(shop, model), Manifest, (manifest) => {
    const loaded = loadedBy(manifest!);
    if (loaded?.factors?.users.path !== path) return manifest!;
    const metrics = { ...loaded, factors: { ...loaded.factors, users: file } };
    const load = { ...manifest!.stages.load, metrics };
    return { ...manifest!, stages: { ...manifest!.stages, load } };
  });
}
