import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../../contracts/problem.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import type { EventFile } from "../files/input-files.ts";
import { csvSource } from "./csv.ts";
import { withFolders } from "./folder-columns.ts";
import type { EventRows } from "./event-rows.ts";
import { chooseColumns, lacksColumns, type ChosenColumns } from "../columns/flat-columns.ts";
import { flatRows, type FlatSettings } from "./flat.ts";
import { ga4Rows } from "./ga4.ts";
import { ga4Fields, type Ga4FieldSettings } from "./ga4-fields.ts";
import { ndjsonSource } from "./ndjson.ts";
import { parquetSource } from "./parquet.ts";
import type { CsvRows } from "./read-csv.ts";
import type { Source } from "./source.ts";

export type RowSettings = FlatSettings & Ga4FieldSettings & Pick<Settings, "map" | "identity" | "encoding">;

export interface OpenedRows {
  rows: EventRows;
  /** For a CSV file: its layout, to count its lines. */
  csv?: CsvRows;
  /** For a Parquet file: its columns with their types. */
  types?: string;
  shape: Source["shape"];
  hasEvents: boolean;
  /** For a flat file: what is read from where. */
  chosen?: ChosenColumns;
}

/**
 * Opens the rows of a file. Its format follows from its columns and its beginning, `head`.
 * @throws Problem for text that is not UTF-8 or JSON lines, and for missing columns.
 */
export async function openRows(
  connection: DuckDBConnection,
  file: EventFile,
  head: string,
  settings: RowSettings,
): Promise<OpenedRows> {
  const source = await sourceOf(connection, file, head, settings);
  const types = source.types === undefined ? {} : { types: source.types };
  if (source.shape === "ga4")
    return { rows: ga4Rows(source, settings), shape: "ga4", hasEvents: true, ...types };
  const isShort = source.allColumns && lacksColumns(source.columns, settings);
  const inFile = { ...source, columns: isShort ? await source.allColumns!() : source.columns };
  const all = withFolders(inFile, file.path, settings);
  const chosen = chooseColumns(file.path, all.columns, settings, all.valuesOf);
  const { columns, layout } = chosen;
  const reader = all.readerOf(columns);
  const rows = flatRows(reader, chosen, settings);
  const hasEvents = columns.event !== undefined || layout?.event !== undefined;
  const opened: OpenedRows = { rows, shape: "flat", hasEvents, chosen, ...types };
  return reader.csv ? { ...opened, csv: reader.csv } : opened;
}

async function sourceOf(
  connection: DuckDBConnection,
  file: EventFile,
  head: string,
  settings: RowSettings,
): Promise<Source> {
  const fields = ga4Fields(settings);
  if (file.format === "parquet") return parquetSource(connection, file.path, fields, settings);
  refuseUtf16(file.path, head);
  if (file.format === "ndjson") return ndjsonSource(connection, file.path, head, { fields, ...settings });
  return csvSource(file.path, head);
}

function refuseUtf16(path: string, head: string): void {
  if (!head.startsWith("\uFFFD\uFFFD") || !head.includes("\0")) return;
  const next = "Read it with --encoding utf-16le, or utf-16be";
  throw new Problem({ doing: `Reading ${path}`, why: "its text is UTF-16, not UTF-8", next });
}
