import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDuckDB } from "../duckdb.ts";
import { loadErased } from "../erased.ts";
import type { ExportRequest } from "./export-events.ts";
import type { EventFile } from "./files/input-files.ts";
import { latestDay } from "./stage-file.ts";
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
    const staging = {
      connection,
      settings: request,
      hasErased: await loadErased(connection, request.erased),
      target: join(folder, "text"),
      signal,
      progress: () => {},
    };
    let latest: string | null = null;
    for (const file of files) {
      const day = await latestDay(file, staging);
      if (day && (!latest || day > latest)) latest = day;
    }
    return latest;
  } finally {
    signal.removeEventListener("abort", interrupt);
    close();
    await rm(folder, { recursive: true, force: true });
  }
}
