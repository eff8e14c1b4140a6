import type { DuckDBConnection } from "@duckdb/node-api";
import { rm } from "node:fs/promises";
import { MAX_ID_BYTES } from "../../../contracts/interactions.ts";
import { fileLiteral, literal, query } from "../duckdb.ts";
import { IS_ERASED, withErased } from "../erased.ts";
import { isBlank, isMissing, type EventRows } from "./rows/event-rows.ts";
import { inspectFile, type Inspection } from "./files/inspect-file.ts";
import type { EventFile } from "./files/input-files.ts";
import { openRows, type OpenedRows, type RowSettings } from "./rows/open-rows.ts";
import { countContinuationLines } from "./rows/read-csv.ts";
import { isPlausible } from "./rows/time.ts";
import { unifyLineEnds } from "./files/unify-line-ends.ts";
import { unreadable } from "./files/unreadable.ts";

export interface StagedFile {
  file: EventFile;
  /** Empty for an empty file. */
  sha256: string;
  /** Parquet files of the columns that `staging` writes; none for an empty file. */
  staged: string[];
  /** Lines that the CSV reader lost: after a quote that is never closed, say. */
  lostLines: number;
  opened?: OpenedRows;
}

export interface Staging {
  connection: DuckDBConnection;
  settings: RowSettings;
  /** True where the database has the table of erased users. */
  hasErased: boolean;
  /** A path for this file's Parquet files, without the extension. */
  target: string;
  signal: AbortSignal;
  /** Share of the file that is done, 0 to 1. */
  progress(share: number): void;
}

/** The cost of inspecting a file, as a share of reading it. */
const INSPECTION = 0.3;

/**
 * Reads one file into Parquet: one row for each event and item, with its reject reason or NULL.
 * @throws Problem that names the file when it cannot be read or lacks a column.
 */
export async function stageFile(file: EventFile, staging: Staging): Promise<StagedFile> {
  const staged = await readText(file, staging, (path, inspection) =>
    stageText(file, path, inspection, staging),
  );
  return staged ?? { file, sha256: "", staged: [], lostLines: 0 };
}

/**
 * The latest day on which a file has an interaction; null if it has none.
 * @throws Problem as `stageFile` does.
 */
export async function latestDay(file: EventFile, staging: Staging): Promise<string | null> {
  const { connection } = staging;
  return readText(file, staging, async (path, { head }) => {
    const { rows } = await openRows(connection, file, { path, head }, staging.settings);
    await forgetRejects(connection);
    const days = `SELECT day FROM ${rowsToStage(rows, staging)} WHERE reason IS NULL`;
    const [found] = await query<{ day: string | null }>(
      connection,
      `SELECT max(day)::VARCHAR AS day FROM (${days})`,
    );
    return found!.day;
  });
}

/**
 * Gives `read` a path that DuckDB can read, with the facts about its text; null for an empty file.
 */
async function readText<T>(
  file: EventFile,
  staging: Staging,
  read: (path: string, inspection: Inspection) => Promise<T>,
): Promise<T | null> {
  try {
    const inspection = await inspect(file, file.path, staging);
    if (file.bytes === 0 || (file.format !== "parquet" && inspection.lines === 0)) return null;
    if (inspection.lineEnds !== "mixed") return await read(file.path, inspection);
    const copy = `${staging.target}.text`;
    await unifyLineEnds(file, copy, staging.signal);
    const { lines, head } = await inspect({ ...file, gzip: false }, copy, staging);
    const result = await read(copy, { ...inspection, lines, head });
    await rm(copy);
    return result;
  } catch (error) {
    staging.signal.throwIfAborted();
    throw unreadable(file.path, error);
  }
}

/** Drops the rejects of an earlier file: the connection keeps them. */
async function forgetRejects(connection: DuckDBConnection): Promise<void> {
  await connection.run("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans");
}

function inspect(file: EventFile, path: string, { signal, progress }: Staging): Promise<Inspection> {
  let read = 0;
  const onBytes = (bytes: number) => progress((INSPECTION * (read += bytes)) / Math.max(file.bytes, read));
  return inspectFile({ path, gzip: file.gzip, text: file.format !== "parquet" }, signal, onBytes);
}

async function stageText(
  file: EventFile,
  path: string,
  inspection: Inspection,
  staging: Staging,
): Promise<StagedFile> {
  const { connection, signal } = staging;
  const opened = await openRows(connection, file, { path, head: inspection.head }, staging.settings);
  signal.throwIfAborted();
  await forgetRejects(connection);
  const rows = `${staging.target}.parquet`;
  const stop = followProgress(staging);
  await connection.run(stageRows(file.path, opened.rows, rows, staging)).finally(stop);
  const base = { file, sha256: inspection.sha256, opened };
  if (file.format === "parquet") return { ...base, staged: [rows], lostLines: 0 };
  const malformed = `${staging.target}-malformed.parquet`;
  await connection.run(stageMalformed(file.path, malformed));
  const lostLines = await countLostLines(connection, inspection.lines, rows, malformed, opened);
  return { ...base, staged: [rows, malformed], lostLines };
}

function followProgress({ connection, progress }: Staging): () => void {
  const look = () => {
    const share = connection.progress.percentage / 100;
    if (share > 0) progress(INSPECTION + (1 - INSPECTION) * Math.min(share, 1));
  };
  const timer = setInterval(look, 200);
  return () => clearInterval(timer);
}

function stageRows(path: string, rows: EventRows, target: string, staging: Reasoning): string {
  return `COPY (
    SELECT ${literal(path)} AS file, line, reason, coalesce(event, event_text) AS event, user, item, micros, day,
      ${["name", "category"].map((column) => `CASE WHEN NOT ${isBlank(column)} THEN ${column} END AS ${column}`).join(", ")},
      CASE WHEN NOT ${isBlank("scope")} AND strlen(scope) <= ${MAX_ID_BYTES} THEN scope END AS scope,
      CASE WHEN isfinite(TRY_CAST(price AS DOUBLE)) THEN TRY_CAST(price AS DOUBLE) END AS price,
      CASE WHEN reason NOT IN ('heading', 'other_event', 'erased') THEN CAST(${rows.text} AS VARCHAR) END AS row,
      NULL::VARCHAR AS detail
    FROM ${rowsToStage(rows, staging)}
  ) TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd)`;
}

/** What the reasons depend on. */
type Reasoning = Pick<Staging, "settings" | "hasErased">;

/** SQL: the rows with their reasons. */
function rowsToStage({ select }: EventRows, staging: Reasoning): string {
  const rows = staging.hasErased ? withErased(`(${select})`) : `(${select})`;
  return `(SELECT *, ${reason(staging)} AS reason FROM ${rows})`;
}

/** SQL: the first reason that fits, NULL for an interaction. */
function reason({ settings, hasErased }: Reasoning): string {
  const amount = "TRY_CAST(quantity AS DOUBLE)";
  return `CASE
    WHEN malformed THEN 'malformed_line'
    WHEN heading THEN 'heading'
    WHEN event IS NULL THEN 'other_event'
    ${hasErased ? `WHEN ${IS_ERASED} THEN 'erased'` : ""}
    WHEN micros IS NULL OR day IS NULL OR NOT (${isPlausible("micros", "day")}) THEN 'bad_time'
    WHEN ${isMissing("item", "item", settings)} THEN 'no_item'
    WHEN strlen(item) > ${MAX_ID_BYTES} OR strlen(user) > ${MAX_ID_BYTES} THEN 'bad_id'
    WHEN ${isMissing("user", '"user"', settings)} THEN 'no_user'
    WHEN NOT ${isBlank("quantity")} AND NOT coalesce(isfinite(${amount}), false) THEN 'bad_quantity'
    WHEN event = 'purchase' AND ${amount} <= 0 THEN 'cancelled'
  END`;
}

/** The CSV reader's rejects: one entry for each line. */
function stageMalformed(path: string, target: string): string {
  return `COPY (
    SELECT ${literal(path)} AS file, CAST(line AS BIGINT) AS line, 'malformed_line' AS reason,
      min(csv_line) AS row, min(error_message) AS detail
    FROM reject_errors GROUP BY line ORDER BY line
  ) TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd)`;
}

/**
 * DuckDB silently drops lines after an unclosed quote. A line that is neither record nor reject is
 * lost.
 */
async function countLostLines(
  connection: DuckDBConnection,
  lines: number,
  rows: string,
  malformed: string,
  { csv }: OpenedRows,
): Promise<number> {
  const [counts] = await query<{ records: number }>(
    connection,
    `SELECT (SELECT count(DISTINCT line) FROM read_parquet(${fileLiteral(rows)}))::DOUBLE
       + (SELECT count(*) FROM read_parquet(${fileLiteral(malformed)}))::DOUBLE AS records`,
  );
  const lost = lines - counts!.records;
  if (lost <= 0 || !csv) return Math.max(lost, 0);
  const [continuations] = await query<{ lines: number }>(connection, countContinuationLines(csv));
  return Math.max(lost - continuations!.lines, 0);
}
