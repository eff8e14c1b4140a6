import { mkdir, rm } from "node:fs/promises";
import { openDuckDB, type DuckDB } from "../duckdb.ts";
import { loadErased } from "../erased.ts";
import type { ExportHooks, ExportRequest } from "./export-events.ts";
import { findEventFiles, type EventFile } from "./files/input-files.ts";
import { addReused, findReusable, nothingReused, type Reused } from "./reuse.ts";
import { stageFiles, type Staged } from "./stage-files.ts";
import { tallyRows, type Tally } from "./tally.ts";
import { chooseDailyFiles } from "./window.ts";

/** The share of an export's work that reading takes. */
export const READING = 0.8;

/** A shop's events, in a database of their own. */
export interface ReadEvents {
  found: Awaited<ReturnType<typeof findEventFiles>>;
  chosen: ReturnType<typeof chooseDailyFiles>;
  staged: Staged;
  tally: Tally;
  /** What was not read, as an earlier run has read it alike. */
  reused: Reused;
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
  const found = await findEventFiles(request.events);
  const chosen = chooseDailyFiles(found.files, request);
  await mkdir(temporary, { recursive: true });
  const database = await openDuckDB({ threads: request.threads, temporary });
  const close = async () => {
    database.close();
    await rm(temporary, { recursive: true, force: true });
  };
  const interrupt = () => database.connection.interrupt();
  hooks.signal.addEventListener("abort", interrupt);
  try {
    return {
      found,
      chosen,
      ...(await read(database, chosen.files, request, temporary, hooks)),
      database,
      close,
    };
  } catch (error) {
    await close();
    hooks.signal.throwIfAborted();
    throw error;
  } finally {
    hooks.signal.removeEventListener("abort", interrupt);
  }
}

/** Reads the files that no earlier run has read alike. */
async function read(
  database: DuckDB,
  files: EventFile[],
  request: ExportRequest,
  temporary: string,
  hooks: ExportHooks,
): Promise<Pick<ReadEvents, "staged" | "tally" | "reused">> {
  const { earlier } = request;
  const { connection } = database;
  const hasErased = await loadErased(connection, request.erased);
  const readOthers = async (reused: Reused) => {
    const staged = await stageFiles(database, reused.others, { ...request, hasErased }, temporary, {
      progress: (share, message) => hooks.progress(READING * share, message),
      signal: hooks.signal,
    });
    return { staged, tally: await tallyRows(connection, staged), reused };
  };
  if (!earlier) return readOthers(nothingReused(files));
  const some = await readOthers(await findReusable(files, earlier, hooks.signal));
  // A new file has rows of such a day: it is to be written anew.
  if ([...some.tally.days.keys()].some((day) => some.reused.days.has(day)))
    return readOthers(nothingReused(files));
  await addReused(connection, some.tally, some.reused, earlier);
  return some;
}
