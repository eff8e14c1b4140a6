import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../../contracts/problem.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { query } from "../../duckdb.ts";
import type { EventRows } from "./event-rows.ts";
import { findColumns, requireColumns } from "./flat-columns.ts";
import type { EventFile } from "../files/input-files.ts";
import { readHeader, type CsvText } from "./read-csv.ts";
import { csvReader } from "./csv.ts";
import { flatRows } from "./flat.ts";
import { ga4Rows } from "./ga4.ts";
import { allKeys, ga4Lines, keysIn, ndjsonReader } from "./ndjson.ts";
import { describeParquet, ga4Parquet, parquetReader, type ParquetColumn } from "./parquet.ts";

export type RowSettings = Pick<Settings, "map" | "eventNames" | "identity">;

export interface OpenedRows {
  rows: EventRows;
  /** How a CSV file is read, to count its lines. */
  csv?: CsvText;
  shape: "ga4" | "flat";
  hasEvents: boolean;
}

/**
 * Finds out what a file holds, from its columns and its beginning, and how its rows are read.
 * `text` is the file to read, which may be a copy of it with clean line ends. Throws a Problem for missing columns.
 */
export function openRows(
  connection: DuckDBConnection,
  file: EventFile,
  text: { path: string; head: string },
  settings: RowSettings,
): Promise<OpenedRows> {
  if (file.format === "parquet") return openParquet(connection, file, settings);
  if (text.head.startsWith("\uFFFD\uFFFD") && text.head.includes("\0")) throw notUtf8(file.path);
  if (file.format === "ndjson") return openNdjson(connection, file, text, settings);
  return Promise.resolve(openCsv(file, text, settings));
}

async function openParquet(connection: DuckDBConnection, { path }: EventFile, settings: RowSettings) {
  const there = await query<ParquetColumn>(connection, describeParquet(path));
  const names = there.map((column) => column.column_name);
  const items = there.find((column) => column.column_name === "items");
  if (names.includes("event_name") && items && /STRUCT\(/.test(items.column_type))
    return openGa4(ga4Parquet(path, there), settings);
  const columns = requireColumns(path, names, settings.map, findColumns(names, settings));
  requireEvents(path, names, columns.event, settings);
  const reader = parquetReader(path, there, Object.values(columns), columns.time);
  return openFlat(flatRows(reader, columns, settings.eventNames), columns.event);
}

async function openNdjson(
  connection: DuckDBConnection,
  file: EventFile,
  text: { path: string; head: string },
  settings: RowSettings,
) {
  if (/^\s*\[/.test(text.head)) throw jsonArray(file.path);
  let there = keysIn(text.head);
  if (isGa4(there)) return openGa4(ga4Lines(text.path), settings);
  let found = findColumns(there, settings);
  const wanted = ["user", "item", "time", "event", ...Object.keys(settings.map)] as (keyof typeof found)[];
  if (wanted.some((column) => found[column] === undefined)) {
    there = (await query<{ key: string }>(connection, allKeys(text.path))).map(({ key }) => key);
    if (there.length === 0) throw noObjects(file.path);
    found = findColumns(there, settings);
  }
  const columns = requireColumns(file.path, there, settings.map, found);
  requireEvents(file.path, there, columns.event, settings);
  const reader = ndjsonReader(text.path, Object.values(columns));
  return openFlat(flatRows(reader, columns, settings.eventNames), columns.event);
}

/** Items may be absent from the first rows: a page view has none. */
function isGa4(keys: string[]): boolean {
  const has = (...names: string[]) => names.every((name) => keys.includes(name));
  return (
    has("event_name", "items") || (has("event_name", "event_date", "event_timestamp") && !has("item_id"))
  );
}

function openCsv(file: EventFile, text: { path: string; head: string }, settings: RowSettings): OpenedRows {
  const csv = { path: text.path, ...readHeader(text.head, file.path) };
  const columns = requireColumns(file.path, csv.columns, settings.map, findColumns(csv.columns, settings));
  requireEvents(file.path, csv.columns, columns.event, settings);
  return { ...openFlat(flatRows(csvReader(csv), columns, settings.eventNames), columns.event), csv };
}

function openGa4(from: string, settings: RowSettings): OpenedRows {
  return { rows: ga4Rows(from, settings), shape: "ga4", hasEvents: true };
}

function openFlat(rows: EventRows, event: string | undefined): OpenedRows {
  return { rows, shape: "flat", hasEvents: event !== undefined };
}

/** Event names that nothing would be compared with are a mistake: views would count as purchases. */
function requireEvents(
  path: string,
  there: string[],
  event: string | undefined,
  { eventNames }: RowSettings,
): void {
  if (event !== undefined || Object.keys(eventNames).every((name) => name === "*")) return;
  throw new Problem({
    doing: `Reading ${path}`,
    why: `--event-names is given, but no column is known to hold the event; the columns are ${there.join(", ")}`,
    next: "Name it: --map event=COLUMN",
  });
}

function notUtf8(path: string): Problem {
  return new Problem({
    doing: `Reading ${path}`,
    why: "its text is UTF-16, not UTF-8",
    next: "Save it as UTF-8 (iconv -f UTF-16 -t UTF-8)",
  });
}

function jsonArray(path: string): Problem {
  return new Problem({
    doing: `Reading ${path}`,
    why: "it is one JSON array; wanted is one JSON object on each line",
    next: "Turn it into lines, for example with: jq -c '.[]'",
  });
}

function noObjects(path: string): Problem {
  return new Problem({
    doing: `Reading ${path}`,
    why: "none of its lines is a JSON object",
    next: "Check the file: wanted is one JSON object on each line",
  });
}
