import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { EventFile } from "./files/input-files.ts";

/** A file as it is now: enough to see that a run which died was reading the same one. */
export interface Source {
  path: string;
  bytes: number;
  modified: string;
}

/** The files of a night as they are now. */
export async function describeSources(files: readonly EventFile[]): Promise<Source[]> {
  const describe = async ({ path, bytes }: EventFile) => {
    return { path: resolve(path), bytes, modified: (await stat(path)).mtime.toISOString() };
  };
  return Promise.all(files.map(describe));
}
