import { COLUMNS, type ColumnName } from "../../../../contracts/settings/events.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { literal } from "../../duckdb.ts";
import { eventCase } from "./event-names.ts";
import type { EventRows } from "./event-rows.ts";
import type { FlatColumns } from "./flat-columns.ts";
import { microseconds } from "./time.ts";

/** The reading of one format of flat file. */
export interface FlatReader {
  /** A relation with the columns `part` and `line`. */
  from: string;
  /** SQL, over that relation, for the text of a column of the file. */
  cell(column: string): string;
  /** SQL for microseconds since 1970, where the format has real times; else the text is read. */
  micros?: string;
  malformed?: string;
  /** CSV: lines that repeat the header are dropped. */
  headings?: boolean;
  /** True if a row is a line of the file. */
  isLines?: boolean;
}

/** One row, one event. Without an event column every row is a purchase, or the event of `*`. */
export function flatRows(reader: FlatReader, columns: FlatColumns, names: Settings["eventNames"]): EventRows {
  const cell = (column: ColumnName) =>
    columns[column] === undefined ? "NULL::VARCHAR" : reader.cell(columns[column]);
  const isHeading = (column: "user" | "item") => `${cell(column)} = ${literal(columns[column])}`;
  const cells = COLUMNS.filter((column) => column !== "event").map(
    (column) => `${cell(column)} AS ${column}`,
  );
  return {
    select: `
      SELECT *, CAST(make_timestamp(micros) AS DATE) AS day FROM (
        SELECT part, line, ${cells.join(", ")},
          ${reader.malformed ?? "false"} AS malformed,
          ${reader.headings ? `coalesce(${isHeading("user")} AND ${isHeading("item")}, false)` : "false"} AS heading,
          ${columns.event === undefined ? literal(names["*"] ?? "purchase") : eventCase(cell("event"), names, "flat")} AS event,
          ${cell("event")} AS event_text,
          ${reader.micros ?? microseconds(cell("time"))} AS micros
        FROM ${reader.from})`,
    text: reader.isLines ? null : cellsAsText(columns),
  };
}

function cellsAsText(columns: FlatColumns): string {
  const pairs = COLUMNS.filter((column) => columns[column] !== undefined).map(
    (column) => `${literal(columns[column]!)}, ${column === "event" ? "event_text" : column}`,
  );
  return `json_object(${pairs.join(", ")})`;
}
