import { mkdir, rm } from "node:fs/promises";
import { openDuckDB, untilAborted, type DuckDB } from "../duckdb.ts";
import type { ExportHooks, ExportRequest } from "./export-events.ts";
import { findEventFiles } from "./files/input-files.ts";
import { chooseFiles } from "./daily-files.ts";
import { readFiles, type ReadFiles } from "./read-files.ts";

/** A shop's events, in a database of their own. */
export interface ReadEvents extends ReadFiles {
  found: Awaited<ReturnType<typeof findEventFiles>>;
  database: DuckDB;
  /** Removes all of it. */
  close(): Promise<void>;
}

/**
 * Reads a shop's event files.
 * @param temporary a folder for data that does not fit in memory
 * @throws Problem that names file, line or column and the next step; `signal.reason` when aborted.
 */
export async function readEvents(
  request: ExportRequest,
  temporary: string,
  hooks: ExportHooks,
): Promise<ReadEvents> {
  const found = await findEventFiles(request);
  const choice = chooseFiles(found.files, request);
  await mkdir(temporary, { recursive: true });
  const database = await openDuckDB({ threads: request.threads, temporary });
  const close = async () => {
    database.close();
    await rm(temporary, { recursive: true, force: true });
  };
  try {
    const read = await untilAborted(database.connection, hooks.signal, () =>
      readFiles(database, choice, request, temporary, hooks),
    );
    return { found, ...read, database, close };
  } catch (error) {
    await close();
    throw error;
  }
}
