import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDuckDB } from "../duckdb.ts";
import { loadErased } from "../erased.ts";
import { eventBatches } from "./batches.ts";
import type { ExportRequest } from "./export-events.ts";
import type { EventFile } from "./files/input-files.ts";
import { latestDay, unreadableBatch } from "./stage-batch.ts";
import { chooseDailyFiles } from "./window.ts";

/**
 * The last day of a night, which names its run: the requested day, else that of the latest daily
 * file, else the latest day in the files. Only the last case costs time: it reads all rows.
 * @returns null when no file has an interaction (the export will say why).
 * @throws Problem as `exportEvents` does.
 */
export async function findLastDay(
  found: EventFile[],
  request: ExportRequest,
  signal: AbortSignal,
): Promise<string | null> {
  const { files, lastDay } = chooseDailyFiles(found, request);
  if (lastDay) return lastDay;
  const folder = await mkdtemp(join(tmpdir(), "steamer-last-day-"));
  const { connection, close } = await openDuckDB({ threads: request.threads, temporary: folder });
  const interrupt = () => connection.interrupt();
  signal.addEventListener("abort", interrupt);
  try {
    const hasErased = await loadErased(connection, request.erased);
    const ignored = { onBytes: () => {}, onFile: () => {} };
    let latest: string | null = null;
    for await (const batch of eventBatches(files, {
      connection,
      settings: request,
      folder,
      signal,
      ...ignored,
    })) {
      const day = await latestDay(connection, batch, { settings: request, hasErased }).catch(
        (error: unknown) => {
          signal.throwIfAborted();
          throw unreadableBatch(batch, error);
        },
      );
      if (day && (!latest || day > latest)) latest = day;
    }
    return latest;
  } finally {
    signal.removeEventListener("abort", interrupt);
    close();
    await rm(folder, { recursive: true, force: true });
  }
}
