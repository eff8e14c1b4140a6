import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ownerOfTemporary, paths } from "../../../contracts/layout.ts";

/** Makes a folder for events that are read ahead, and removes those that dead nights have left. */
export async function openAheadFolder(
  root: string,
  owner: string,
  isAlive: (owner: string) => boolean,
): Promise<string> {
  await mkdir(root, { recursive: true });
  const left = (await readdir(root)).filter((name) => {
    const other = ownerOfTemporary(name);
    return other !== undefined && !isAlive(other);
  });
  await Promise.all(left.map((name) => rm(join(root, name), { recursive: true, force: true })));
  return mkdtemp(join(root, paths.ahead(owner)));
}
