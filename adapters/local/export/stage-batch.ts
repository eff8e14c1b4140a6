import { rm } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { MAX_ID_BYTES } from "../../../contracts/interactions.ts";
import { query } from "../duckdb.ts";
import { IS_ERASED, withErased } from "../erased.ts";
import { ITEM_NOW, withNewIds } from "../new-ids.ts";
import type { Batch, Part } from "./batches.ts";
import { unreadable } from "./files/unreadable.ts";
import type { Rejects } from "./rejects.ts";
import { isBlank, isMissing, type EventRows } from "./rows/event-rows.ts";
import { forFiles } from "./rows/files.ts";
import type { RowSettings } from "./rows/open-rows.ts";
import { countContinuationLines } from "./rows/read-csv.ts";
import { isPlausible } from "./rows/time.ts";

/** All rows that were read: one for each event and item, with its reject reason or NULL. */
export const STAGED = `CREATE TABLE staged (part INTEGER, line BIGINT, reason VARCHAR, event VARCHAR, "user" VARCHAR, device VARCHAR,
  item VARCHAR, micros BIGINT, day DATE, name VARCHAR, category VARCHAR, price VARCHAR, scope VARCHAR, row VARCHAR)`;

/** What the reasons depend on. */
export interface Reasoning {
  settings: RowSettings;
  /** True where the database has the table of erased users. */
  hasErased: boolean;
  /** The same, of items' old ids. */
  hasNewIds: boolean;
}

/** Lines that are no rows of `staged`, by their part. */
export interface OtherLines {
  /** They are no CSV. */
  malformed: Map<number, number>;
  /** The CSV reader lost them: after a quote that is never closed, say. */
  lost: Map<number, number>;
}

/** Reads a batch into the table `staged`, keeps its rejects, and removes its copies of files. */
export async function stageBatch(
  connection: DuckDBConnection,
  batch: Batch,
  { rejects, others, ...reasoning }: Reasoning & { rejects: Rejects; others: OtherLines },
): Promise<void> {
  const { parts, opened } = batch;
  await forgetRejects(connection);
  await connection.run(`INSERT INTO staged ${forBatch(stagedRows(opened.rows, reasoning), parts)}`);
  const starts = opened.csv ? await checkLines(connection, batch, others) : new Map<number, number>();
  await rejects.keep(connection, batch, starts);
  await removeCopies(parts);
}

/** @returns the Problem for a batch that could not be read, which names a file of it. */
export const unreadableBatch = ({ parts }: Batch, error: unknown) =>
  unreadable((parts.find(({ path }) => String(error).includes(path)) ?? parts[0]).file.path, error);

const forBatch = (sql: string, parts: Part[]) => forFiles(sql, parts, parts[0].id);

const removeCopies = (parts: Part[]) =>
  Promise.all(parts.filter(({ isCopy }) => isCopy).map(({ path }) => rm(path)));

/** Drops the rejects of an earlier batch: the connection keeps them. */
async function forgetRejects(connection: DuckDBConnection): Promise<void> {
  await connection.run("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans");
}

function stagedRows(rows: EventRows, reasoning: Reasoning): string {
  const isKept = "reason NOT IN ('heading', 'other_event', 'erased')";
  const text = rows.text === null ? "NULL" : `CASE WHEN ${isKept} THEN CAST(${rows.text} AS VARCHAR) END`;
  const reasoned = rowsWithReasons(rows, reasoning);
  const item = reasoning.hasNewIds ? ITEM_NOW : "item";
  return `SELECT part, line, reason, coalesce(event, event_text), "user", ${deviceOf(reasoning)}, ${item}, micros, day, name, category, price,
      CASE WHEN NOT ${isBlank("scope")} AND strlen(scope) <= ${MAX_ID_BYTES} THEN scope END, ${text}
    FROM ${reasoning.hasNewIds ? withNewIds(reasoned) : reasoned}`;
}

/** SQL: a user who was erased takes no device's events, since some are from before the erasure. */
const deviceOf = ({ hasErased }: Reasoning) =>
  `CASE WHEN strlen(device) <= ${MAX_ID_BYTES}${hasErased ? " AND erased_at IS NULL" : ""} THEN device END`;

/** SQL: the rows with their reasons. */
function rowsWithReasons({ select }: EventRows, reasoning: Reasoning): string {
  const rows = reasoning.hasErased ? withErased(`(${select})`) : `(${select})`;
  return `(SELECT *, ${reason(reasoning)} AS reason FROM ${rows})`;
}

/** SQL: the first reason that fits, NULL for an interaction. */
export function reason({ settings, hasErased }: Omit<Reasoning, "hasNewIds">): string {
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
    WHEN quantity IS NULL OR quantity = '1' THEN NULL
    WHEN NOT ${isBlank("quantity")} AND NOT coalesce(isfinite(${amount}), false) THEN 'bad_quantity'
    WHEN event = 'purchase' AND ${amount} <= 0 THEN 'cancelled'
  END`;
}

/**
 * DuckDB silently drops lines of CSV after an unclosed quote. A line that is neither record nor
 * reject is lost.
 * @returns for each part the number of its first record
 */
async function checkLines(
  connection: DuckDBConnection,
  { parts, opened }: Batch,
  { malformed, lost }: OtherLines,
): Promise<Map<number, number>> {
  const last = parts.at(-1)!.id;
  const counts = await query<{ part: number; records: number; first: number }>(
    connection,
    `SELECT part, count(*)::DOUBLE AS records, min(line)::DOUBLE AS first
     FROM staged WHERE part BETWEEN ${parts[0].id} AND ${last} GROUP BY part`,
  );
  const refused = await query<{ path: string; lines: number }>(
    connection,
    `SELECT file_path AS path, count(DISTINCT line)::DOUBLE AS lines
     FROM reject_errors JOIN reject_scans USING (scan_id, file_id) GROUP BY ALL`,
  );
  for (const part of parts) {
    const records = counts.find(({ part: id }) => id === part.id)?.records ?? 0;
    const bad = refused.find(({ path }) => path === part.path)?.lines ?? 0;
    if (bad > 0) malformed.set(part.id, bad);
    let missing = part.filled - records - bad;
    if (missing > 0) {
      const counting = forBatch(countContinuationLines(opened.csv!), [part]);
      missing -= (await query<{ lines: number }>(connection, counting))[0].lines;
    }
    if (missing > 0) lost.set(part.id, missing);
  }
  return new Map(counts.map(({ part, first }) => [part, first]));
}
