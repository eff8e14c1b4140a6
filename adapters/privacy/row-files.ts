import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Holding, Place, Progress } from "../../night/privacy/place.ts";
import { GenerationConflict, type Objects } from "../../night/state/objects.ts";
import { openDuckDB } from "../local/duckdb.ts";

/** The rows of one kind of file. Files are on this machine here. */
export interface RowFormat {
  /** The rows of a user, as JSON; none: the file need not be written again. */
  rowsOf(connection: DuckDBConnection, file: string, user: string): Promise<unknown[]>;
  /** Writes all others to another file. */
  copyOthers(connection: DuckDBConnection, file: string, user: string, target: string): Promise<void>;
}

export interface RowFiles {
  name: string;
  objects: Objects;
  prefix: string;
  /** Its format; undefined for a file without rows of users. */
  formatOf(path: string): RowFormat | undefined;
  /** The paths that may have the user, where that can be told without reading all. */
  select?: ((connection: DuckDBConnection, paths: string[], user: string) => Promise<string[]>) | undefined;
}

/**
 * Files of rows, such as interactions. One after the other is looked through, so memory is needed
 * for one only. Those that have the user are written again, by compare-and-swap.
 */
export function rowFilesPlace(files: RowFiles): Place {
  return {
    name: files.name,

    find: (user, progress) =>
      withScratch(async (scratch) => {
        const found: Holding[] = [];
        await eachFile(files, scratch, user, progress, async (path, format) => {
          const stored = await files.objects.get(path);
          const rows = stored
            ? await format.rowsOf(scratch.connection, await scratch.file(stored.data), user)
            : [];
          if (rows.length > 0) found.push({ where: path, rows });
        });
        return found;
      }),

    erase: (user, progress) =>
      withScratch(async (scratch) => {
        let removed = 0;
        await eachFile(files, scratch, user, progress, async (path, format) => {
          removed += await rewrite(files.objects, scratch, { path, format, user });
        });
        return removed;
      }),
  };
}

/** A folder of its own, and a database. */
interface Scratch {
  connection: DuckDBConnection;
  /** Puts data where DuckDB can read it. The file before is gone then. */
  file(data: Uint8Array): Promise<string>;
  /** A path for another file. */
  target: string;
}

async function withScratch<T>(work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "steamer-user-"));
  const { connection, close } = await openDuckDB({ temporary: join(folder, "spill") });
  let [files, path] = [0, ""];
  // Each has a name of its own: DuckDB keeps what it has read of a file in memory, and tells a file
  // that has been replaced by its size and time alone.
  const file = async (data: Uint8Array) => {
    if (path) await rm(path, { force: true });
    path = join(folder, `rows-${files++}`);
    await writeFile(path, data, { mode: 0o600 });
    return path;
  };
  try {
    return await work({ connection, file, target: join(folder, "others") });
  } finally {
    close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function eachFile(
  { objects, prefix, formatOf, select }: RowFiles,
  { connection }: Scratch,
  user: string,
  progress: Progress,
  take: (path: string, format: RowFormat) => Promise<void>,
): Promise<void> {
  const all = (await objects.list(prefix)).filter((path) => formatOf(path) !== undefined);
  const paths = select ? await select(connection, all, user) : all;
  for (const [k, path] of paths.entries()) {
    await take(path, formatOf(path)!);
    progress((k + 1) / paths.length);
  }
}

/** @returns the rows removed. */
async function rewrite(
  objects: Objects,
  { connection, file, target }: Scratch,
  { path, format, user }: { path: string; format: RowFormat; user: string },
): Promise<number> {
  for (;;) {
    const stored = await objects.get(path);
    if (!stored) return 0;
    const rows = await format.rowsOf(connection, await file(stored.data), user);
    if (rows.length === 0) return 0;
    await format.copyOthers(connection, await file(stored.data), user, target);
    try {
      await objects.put(path, await readFile(target), { ifGeneration: stored.generation });
      return rows.length;
    } catch (error) {
      // Another erasure has changed the file: read it again.
      if (!(error instanceof GenerationConflict)) throw error;
    }
  }
}
