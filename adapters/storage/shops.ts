import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { paths } from "../../contracts/layout.ts";
import { missingIsEmpty } from "./files.ts";
import { compareUtf8 } from "../../core/text/order.ts";

/** The shops of a data folder, by name: those that have a model or settings. */
export async function shopsIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(folder, paths.shops), { withFileTypes: true }).catch(missingIsEmpty);
  const isThere = (path: string) => existsSync(join(folder, path));
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((shop) => isThere(paths.pointer(shop)) || isThere(paths.settings(shop)))
    .sort(compareUtf8);
}
