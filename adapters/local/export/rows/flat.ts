import { COLUMNS, haveDevices, type ColumnName } from "../../../../contracts/settings/events.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { literal } from "../../duckdb.ts";
import { eventCase } from "./event-names.ts";
import { isMissing, seenOn, type EventRows } from "./event-rows.ts";
import type { ChosenColumns, FlatColumns } from "../columns/flat-columns.ts";
import type { Layout } from "../columns/known-layouts.ts";
import { numberText } from "./number.ts";
import { isCancelled } from "./order-status.ts";
import type { CsvRows } from "./read-csv.ts";
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
  /** CSV: its layout, to count its lines. */
  csv?: CsvRows;
}

export type FlatSettings = Pick<
  Settings,
  "eventNames" | "identity" | "missingIds" | "orderStatuses" | "timeFormat" | "undated"
>;

/** The columns of EventRows that are cells of the file, for the most part as they stand. */
const CELLS = ["item", "time", "name", "category", "price", "scope"] as const;

/** One row, one event. Without an event column every row is a purchase, or the event of `*`. */
export function flatRows(
  reader: FlatReader,
  { columns, layout }: ChosenColumns,
  settings: FlatSettings,
): EventRows {
  const names = settings.eventNames;
  const cell = (column: ColumnName) =>
    columns[column] === undefined ? "NULL::VARCHAR" : reader.cell(columns[column]);
  const isHeading = (column: "user" | "item") => `${cell(column)} = ${literal(columns[column])}`;
  const always = literal(names["*"] ?? layout?.event ?? "purchase");
  return {
    select: `
      SELECT *, CAST(make_timestamp(micros) AS DATE) AS day FROM (
        SELECT part, line, ${userOf(cell, columns, settings)} AS user,
          ${CELLS.map((column) => `${cell(column)} AS ${column}`).join(", ")},
          ${quantityOf(cell, columns, settings, layout)} AS quantity,
          ${reader.malformed ?? "false"} AS malformed,
          ${reader.headings ? `coalesce(${isHeading("user")} AND ${isHeading("item")}, false)` : "false"} AS heading,
          ${columns.event === undefined ? always : eventCase(cell("event"), names, "flat")} AS event,
          ${cell("event")} AS event_text, ${cell("status")} AS status,
          ${deviceOf(cell, columns, settings)} AS device,
          ${timeOf(reader, columns, settings)} AS micros
        FROM ${layout?.statusOnce ? withStatus(reader, columns) : reader.from})`,
    text: reader.isLines ? null : cellsAsText(columns),
  };
}

type Cell = (column: ColumnName) => string;

/** The user, or where nobody is named the device. */
function userOf(cell: Cell, { device }: FlatColumns, settings: FlatSettings): string {
  if (device === undefined) return cell("user");
  return `CASE WHEN ${isMissing("user", cell("user"), settings)} THEN ${cell("device")} ELSE ${cell("user")} END`;
}

/** Where the user was seen, if devices take their user. */
function deviceOf(cell: Cell, { device }: FlatColumns, settings: FlatSettings): string {
  if (device === undefined || !haveDevices(settings)) return "NULL::VARCHAR";
  return seenOn(cell("user"), cell("device"), settings);
}

/** An order that was cancelled is one of nothing. */
function quantityOf(
  cell: Cell,
  { quantity, status }: FlatColumns,
  settings: FlatSettings,
  layout: Layout | undefined,
): string {
  const units = cell("quantity");
  const amount =
    quantity === undefined ? units : `CASE WHEN ${units} = '1' THEN '1' ELSE ${numberText(units)} END`;
  if (status === undefined) return amount;
  const cancelled = layout?.statusOnce
    ? isCancelled("order_status", settings)
    : isCancelled(cell("status"), settings, layout?.cancelled);
  return `CASE WHEN ${cancelled} THEN '0' ELSE ${amount} END`;
}

function timeOf(
  reader: FlatReader,
  { time, clock }: FlatColumns,
  { timeFormat, undated }: FlatSettings,
): string {
  if (time === undefined) return `epoch_us(TIMESTAMP ${literal(undated!)})`;
  if (clock === undefined) return reader.micros ?? microseconds(reader.cell(time), timeFormat);
  // Programs without dates write a day as its midnight.
  const day = `regexp_replace(${reader.cell(time)}, '[T ]0?0:00(:00(\\.0+)?)?$', '')`;
  return microseconds(`(${day} || ' ' || ${reader.cell(clock)})`, timeFormat);
}

/** The rows with `order_status`: the last status above, where only an order's first row has it. */
function withStatus(reader: FlatReader, { status }: FlatColumns): string {
  if (status === undefined) return reader.from;
  const cell = reader.cell(status);
  return `(SELECT *, arg_max(${cell}, line) FILTER (${cell} <> '') OVER (ORDER BY line ROWS UNBOUNDED PRECEDING) AS order_status
    FROM ${reader.from})`;
}

function cellsAsText(columns: FlatColumns): string {
  const texts: Partial<Record<ColumnName, string>> = { event: "event_text", time: "CAST(time AS VARCHAR)" };
  const pairs = COLUMNS.filter((column) => columns[column] !== undefined && column !== "device").map(
    (column) => `${literal(columns[column]!)}, ${texts[column] ?? column}`,
  );
  return `json_object(${pairs.join(", ")})`;
}
