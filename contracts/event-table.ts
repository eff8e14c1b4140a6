import { listed, proposal } from "./column-names.ts";
import { Problem } from "./problem.ts";
import { COLUMNS, type ColumnName } from "./settings/events.ts";
import type { Settings } from "./settings/settings.ts";

/** What BigQuery says of a column; of a record also what is in it. */
export interface TableField {
  name?: string | undefined;
  type?: string | undefined;
  mode?: string | undefined;
  fields?: TableField[] | undefined;
}

/** What BigQuery says of a table. */
export interface TableShape {
  schema?: { fields?: TableField[] | undefined } | undefined;
  timePartitioning?: { field?: string | undefined } | undefined;
}

/** A column of a table, or a field of a record in it. */
export interface TableColumn {
  /** SQL for its value. */
  sql: string;
  type: string;
}

/** What a shop's own table has where: by the setting `map`, and the column that dates the rows. */
export type TableColumns = Partial<Record<ColumnName, TableColumn>> &
  Record<"user" | "item" | "time" | "date", TableColumn>;

const TEXTS = ["STRING", "INTEGER"];
const NUMBERS = ["INTEGER", "FLOAT", "NUMERIC", "BIGNUMERIC"];
const TIMES = ["TIMESTAMP", "DATETIME", "DATE"];

/** BigQuery has two names for some types. */
const TYPE_NAMES: Record<string, string> = { INT64: "INTEGER", FLOAT64: "FLOAT" };

const typesOf = (column: ColumnName) =>
  column === "time" ? TIMES : column === "price" || column === "quantity" ? NUMBERS : TEXTS;

type TableSettings = Pick<
  Settings,
  "map" | "dateColumn" | "eventNames" | "ga4Scope" | "ga4Streams" | "ga4Hosts"
>;

/**
 * The columns of a shop's own table. Nothing is guessed: `map` names user, item and time.
 * @throws Problem for a column that is not named or not there, lies in a list, or is of a type that
 * is not read; for event names without an event column; and for settings of GA4's tables.
 */
export function chooseTableColumns(table: string, shape: TableShape, settings: TableSettings): TableColumns {
  const { map, dateColumn } = settings;
  const there = columnsOf(shape);
  const refuse: Refusal = (why, next) => new Problem({ doing: `Reading the columns of ${table}`, why, next });
  checkSettings(settings, [...there.keys()], refuse);
  const columnOf = (setting: string, name: string, types: string[]) =>
    typedColumn(there, { setting, name, types }, refuse);
  const named = COLUMNS.filter((column) => map[column] !== undefined);
  const columns = Object.fromEntries(
    named.map((column) => [column, columnOf(`map.${column}`, map[column]!, typesOf(column))]),
  ) as TableColumns;
  return { ...columns, date: dateColumn ? columnOf("dateColumn", dateColumn, TIMES) : columns.time };
}

type Refusal = (why: string, next: string) => Problem;

function checkSettings(settings: TableSettings, there: string[], refuse: Refusal): void {
  const { map, eventNames, ga4Scope, ga4Streams, ga4Hosts } = settings;
  const missing = (["user", "item", "time"] as const).filter((column) => map[column] === undefined);
  if (missing.length > 0) {
    const why = `map does not say which column is the ${missing.join(", the ")}; there are ${listed(there)}`;
    throw refuse(why, `name it, for example ${proposal(there, map, missing[0])}`);
  }
  // Nothing would be compared with the names: views would count as purchases.
  if (map.event === undefined && Object.keys(eventNames).some((name) => name !== "*"))
    throw refuse("eventNames is given, but map does not say which column is the event", "name it: map.event");
  if (ga4Scope !== undefined || ga4Streams.length > 0 || ga4Hosts.length > 0) {
    const next = "name a column by map.scope; make a view of one store's rows; or go without eventTable";
    throw refuse("ga4Scope, ga4Streams and ga4Hosts are for GA4's tables", next);
  }
}

type Found = TableColumn & { isList: boolean };

/** All columns by their names, and the fields of records by their paths: `product.id`. */
function columnsOf({ schema, timePartitioning }: TableShape): Map<string, Found> {
  const there = new Map((schema?.fields ?? []).flatMap((field) => columnsIn(field)));
  // Of a table that is divided by no column of its own BigQuery keeps the day when a row came.
  if (timePartitioning && timePartitioning.field === undefined)
    there.set("_PARTITIONDATE", { sql: "_PARTITIONDATE", type: "DATE", isList: false });
  return there;
}

function typedColumn(
  there: Map<string, Found>,
  { setting, name, types }: { setting: string; name: string; types: string[] },
  refuse: Refusal,
): TableColumn {
  const names = [...there.keys()];
  const column = there.get(names.find((each) => each.toLowerCase() === name.toLowerCase()) ?? "");
  const view = "make a view of it for Steamer, and name the view in eventTable";
  if (!column) throw refuse(`there is no column ${name}; there are ${listed(names)}`, `correct ${setting}`);
  if (column.isList)
    throw refuse(`${name} lies in a list, and a row is one event of one item`, `${view}: with UNNEST`);
  if (types.includes(column.type)) return { sql: column.sql, type: column.type };
  throw refuse(`${name} is ${column.type}; ${setting} wants ${types.join(", ")}`, `${view}: with CAST`);
}

function columnsIn(
  { name, type = "", mode, fields }: TableField,
  path: readonly string[] = [],
  inList = false,
): [string, Found][] {
  const here = [...path, name!];
  const isList = inList || mode === "REPEATED";
  if (fields) return fields.flatMap((field) => columnsIn(field, here, isList));
  const sql = here.map((part) => `\`${part}\``).join(".");
  return [[here.join("."), { sql, type: TYPE_NAMES[type] ?? type, isList }]];
}
