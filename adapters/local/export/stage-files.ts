import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { DuckDB } from "../duckdb.ts";
import type { EventFile } from "./files/input-files.ts";
import type { RowSettings } from "./rows/open-rows.ts";
import { stageFile, type StagedFile } from "./stage-file.ts";

/** More files at once would not be faster, but would take more memory. */
const AT_ONCE = 8;

/**
 * Stages all files, several at a time. It stops at the first failure, or when the signal aborts. It
 * throws only once no statement is running any more. `progress` gets the share of bytes done.
 */
export async function stageFiles(
  database: DuckDB,
  files: EventFile[],
  settings: RowSettings & { threads: number; hasErased: boolean },
  folder: string,
  hooks: { progress(share: number, message: string): void; signal: AbortSignal },
): Promise<StagedFile[]> {
  const failed = new AbortController();
  const signal = AbortSignal.any([hooks.signal, failed.signal]);
  const staged: StagedFile[] = [];
  const queue = files.entries();
  const progressOf = shareOfBytes(files, hooks.progress);

  async function stageSome(): Promise<void> {
    const connection = await database.connect();
    const interrupt = () => connection.interrupt();
    signal.addEventListener("abort", interrupt);
    try {
      await connection.run("SET enable_progress_bar = true; SET enable_progress_bar_print = false");
      for (const [k, file] of queue) {
        signal.throwIfAborted();
        const target = join(folder, String(k));
        const progress = progressOf(k);
        staged[k] = await stageFile(file, {
          connection,
          settings,
          hasErased: settings.hasErased,
          target,
          signal,
          progress,
        });
        progress(1);
      }
    } catch (error) {
      failed.abort(error);
    } finally {
      signal.removeEventListener("abort", interrupt);
      connection.closeSync();
    }
  }

  const workers = Math.min(settings.threads || availableParallelism(), files.length, AT_ONCE);
  await Promise.all(Array.from({ length: workers }, stageSome));
  signal.throwIfAborted();
  return staged;
}

function shareOfBytes(files: EventFile[], report: (share: number, message: string) => void) {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0) || 1;
  const done = files.map(() => 0);
  let highest = 0;
  return (k: number) => (share: number) => {
    done[k] = Math.max(done[k]!, share * files[k]!.bytes);
    highest = Math.max(highest, done.reduce((sum, bytes) => sum + bytes, 0) / total);
    const finished = files.length > 1 ? ` (${k + 1} of ${files.length})` : "";
    report(highest, `reading ${files[k]!.path}${finished}`);
  };
}
