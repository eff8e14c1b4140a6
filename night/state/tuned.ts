import { paths } from "../../contracts/layout.ts";
import { Tuned } from "../../contracts/tuning.ts";
import { changeDocument, readDocument } from "./document.ts";
import type { Objects } from "./objects.ts";

const NONE: Tuned = { settings: {}, tables: {} };

/** The settings that were found for the shop's own data. A missing document has none. */
export async function readTuned(objects: Objects, shop: string): Promise<Tuned> {
  return (await readDocument(objects, paths.tuned(shop), Tuned))?.value ?? NONE;
}

/** A table's proposal takes the place of an earlier one. */
export function applyTuned(
  objects: Objects,
  shop: string,
  {
    table,
    settings,
    ...found
  }: { table: string; settings: Record<string, unknown> } & Omit<Tuned["tables"][string], "names">,
): Promise<Tuned> {
  return changeDocument(objects, paths.tuned(shop), Tuned, (old) => {
    const before = old ?? NONE;
    const gone = before.tables[table]?.names ?? [];
    const kept = Object.entries(before.settings).filter(([name]) => !gone.includes(name));
    return {
      settings: { ...Object.fromEntries(kept), ...settings },
      tables: { ...before.tables, [table]: { ...found, names: Object.keys(settings) } },
    };
  });
}

/** Nights go by the operator's settings and the defaults again. */
export const discardTuned = (objects: Objects, shop: string): Promise<void> =>
  objects.delete(paths.tuned(shop));
