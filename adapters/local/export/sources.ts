import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { findEventFiles } from "./files/input-files.ts";

/** A file as it lies there now: enough to see that a run which died was reading the same ones. */
export interface Source {
  path: string;
  bytes: number;
  modified: string;
}

/** The event files behind paths, folders and globs. */
export async function describeSources(events: readonly string[]): Promise<Source[]> {
  const { files } = await findEventFiles(events);
  const describe = async ({ path, bytes }: { path: string; bytes: number }) => {
    return { path: resolve(path), bytes, modified: (await stat(path)).mtime.toISOString() };
  };
  return Promise.all(files.map(describe));
}
