import { availableParallelism } from "node:os";
import type { DuckDBConnection } from "@duckdb/node-api";
import { untilAborted, type DuckDB } from "../duckdb.ts";
import { eventBatches, type Batch, type Part, type ReadFile } from "./batches.ts";
import type { EventFile } from "./files/input-files.ts";
import { Rejects } from "./rejects.ts";
import type { RowSettings } from "./rows/open-rows.ts";
import { stageBatch, STAGED, unreadableBatch, type OtherLines, type Reasoning } from "./stage-batch.ts";

/** More batches at once would not be faster, but would take more memory. */
const AT_ONCE = 8;
/** The cost of unpacking a file, as a share of all that is done with it. */
const UNPACKING = 0.3;

/** All that was read: rows in the tables `staged` and `rejects`, and this. */
export interface Staged {
  /** In the order in which they were named. */
  files: ReadFile[];
  /** By their number. */
  parts: Part[];
  others: OtherLines;
  rejects: Rejects;
}

/** Makes the tables. Files may be staged several times then. */
export async function openStaging(connection: DuckDBConnection): Promise<Staged> {
  await connection.run(`DROP TABLE IF EXISTS staged; DROP TABLE IF EXISTS rejects; ${STAGED}`);
  const rejects = await Rejects.open(connection);
  return { files: [], parts: [], others: { malformed: new Map(), lost: new Map() }, rejects };
}

/**
 * Stages files, some batches at a time. It stops at the first failure, or when the signal
 * aborts. It throws only once no statement is running any more. `progress` gets the share of bytes
 * done.
 * @throws Problem that names the file when it cannot be read or lacks a column.
 */
export async function stageFiles(
  database: DuckDB,
  staged: Staged,
  files: EventFile[],
  settings: RowSettings & { threads: number } & Omit<Reasoning, "settings">,
  folder: string,
  hooks: { progress(share: number, message: string): void; signal: AbortSignal },
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([hooks.signal, failed.signal]);
  const { connection } = database;
  const { hasErased, hasNewIds } = settings;
  const staging = { settings, hasErased, hasNewIds, rejects: staged.rejects, others: staged.others };
  const progress = progressOf(files, hooks.progress);
  const batches = eventBatches(files, {
    first: staged.parts.length,
    ...{ connection, settings, folder, signal, onBytes: progress.unpacked },
    onFile: (read) => staged.files.push(read),
  });

  async function stageSome(): Promise<void> {
    const connection = await database.connect();
    try {
      for (;;) {
        // Calls at once wait for each other in the generator.
        const { value: batch, done } = await batches.next();
        signal.throwIfAborted();
        if (done) return;
        for (const part of batch.parts) staged.parts[part.id] = part;
        const stage = () => stageBatch(connection, batch, staging);
        await untilAborted(connection, signal, stage).catch((error: unknown) => {
          signal.throwIfAborted();
          throw unreadableBatch(batch, error);
        });
        progress.staged(batch);
      }
    } catch (error) {
      failed.abort(error);
    } finally {
      connection.closeSync();
    }
  }

  const threads = settings.threads || availableParallelism();
  const isText = files.every(({ format }) => format !== "parquet");
  // The rows of a text are numbered, so one thread reads it. DuckDB's others would spin meanwhile.
  if (isText) await connection.run("SET threads = 1");
  await Promise.all(Array.from({ length: Math.min(threads, AT_ONCE) }, stageSome));
  await connection.run(`SET threads = ${threads}`);
  signal.throwIfAborted();
}

function progressOf(files: EventFile[], report: (share: number, message: string) => void) {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0) || 1;
  const places = new Map(files.map((file, k) => [file, k]));
  let [unpacked, staged, message] = [0, 0, `reading ${files[0]?.path}`];
  const tell = () => report(UNPACKING * unpacked + (1 - UNPACKING) * Math.min(staged, unpacked), message);
  return {
    unpacked(bytes: number) {
      unpacked = Math.min(1, unpacked + bytes / total);
      tell();
    },
    staged({ parts }: Batch) {
      const { file } = parts.at(-1)!;
      const place = places.get(file)!;
      message = `reading ${file.path}${files.length > 1 ? ` (${place + 1} of ${files.length})` : ""}`;
      staged = unpacked;
      tell();
    },
  };
}
