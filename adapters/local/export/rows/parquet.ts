import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../../contracts/problem.ts";
import { fileLiteral, identifier, literal, query } from "../../duckdb.ts";
import { requireFewColumns } from "../columns/too-wide.ts";
import { FILE_COLUMN, FILES, PART } from "./files.ts";
import type { FlatColumns } from "../columns/flat-columns.ts";
import type { FlatReader } from "./flat.ts";
import { ga360Hits, isGa360, sessionsIn } from "./ga360.ts";
import type { Ga4Fields, Ga4FieldSettings } from "./ga4-fields.ts";
import { GA4_COLUMNS, GA4_ITEMS_TYPE } from "./ga4.ts";
import { elementOf, plainList, textOf, type Typed } from "./parquet-types.ts";
import type { Source } from "./source.ts";

export async function parquetSource(
  connection: DuckDBConnection,
  path: string,
  fields: Ga4Fields,
  settings: Ga4FieldSettings,
): Promise<Source> {
  const there = await query<ParquetColumn>(connection, describeParquet(path));
  const columns = there.map((column) => column.column_name);
  requireFewColumns(path, columns.length);
  const types = JSON.stringify(there);
  const items = there.find((column) => column.column_name === "items");
  if (columns.includes("event_name") && items && /STRUCT\(/.test(items.column_type))
    return { shape: "ga4", from: ga4Parquet(there, fields), isLines: false, types };
  if (isGa360(columns)) {
    const sessions = sessionsIn(readParquet(FILES), typesOf(there));
    return { shape: "ga4", from: ga360Hits(path, sessions, settings), isLines: false, types };
  }
  return {
    shape: "flat",
    columns,
    types,
    readerOf: (chosen) => parquetReader(path, there, chosen),
  };
}

interface ParquetColumn {
  column_name: string;
  column_type: string;
}

const typesOf = (columns: readonly ParquetColumn[]) =>
  new Map(columns.map(({ column_name, column_type }) => [column_name, column_type]));

const readParquet = (files: string) =>
  `read_parquet(${files}, binary_as_string = true, hive_partitioning = false, file_row_number = true, filename = ${literal(FILE_COLUMN)})`;

/** SQL for the file's ParquetColumns. */
function describeParquet(path: string): string {
  return `SELECT column_name, column_type FROM (DESCRIBE SELECT * EXCLUDE (file_row_number, ${FILE_COLUMN}) FROM ${readParquet(fileLiteral(path))})`;
}

/** GA4 rows for ga4Rows(). */
function ga4Parquet(columns: ParquetColumn[], fields: Ga4Fields): string {
  const types = typesOf(columns);
  const typed = (name: string) => ({ sql: name, type: types.get(name)! });
  const text = GA4_COLUMNS.map((name) => `${types.has(name) ? textOf(typed(name)) : "NULL"} AS ${name}`);
  const field = (column: string) => {
    const type = fields.types[column]!;
    if (!types.has(column)) return `CAST(NULL AS ${type})`;
    return `CAST(${type.endsWith("[]") ? plainList(typed(column)).sql : column} AS ${type})`;
  };
  return `(
    SELECT ${PART} AS part, file_row_number + 1 AS line, false AS malformed, ${text.join(", ")},
      CAST(${withTextIds(plainList(typed("items")))} AS ${GA4_ITEMS_TYPE}) AS items,
      ${fields.scope(field)} AS scope, ${fields.isAsked?.(field) ?? "true"} AS is_asked
    FROM ${readParquet(FILES)})`;
}

/** SQL for items whose ids are text, where the file has them as numbers. */
function withTextIds({ sql, type }: Typed): string {
  const [, idType] = /\bitem_id"? (DOUBLE|FLOAT|DECIMAL)\b/.exec(type) ?? [];
  if (!idType) return sql;
  const id = textOf({ sql: "entry.item_id", type: idType });
  return `list_transform(${sql}, lambda entry: struct_update(entry, item_id := ${id}))`;
}

/** Each element of a list of items is a row. */
function parquetReader(path: string, there: ParquetColumn[], chosen: FlatColumns): FlatReader {
  const { item, time, clock } = chosen;
  const columns = Object.values(chosen);
  const types = typesOf(there);
  const cellOf = (name: string) => plainList({ sql: identifier(name), type: types.get(name) ?? "" });
  const { type: itemType } = cellOf(item);
  if (/STRUCT|MAP/.test(itemType)) throw nestedItem(path, item);
  const isList = itemType.endsWith("[]");
  const type = types.get(time ?? "") ?? "";
  // Only a rejected row needs it as text, which costs as much as reading the column.
  const isAsItIs = (name: string) => name === time && clock === undefined && isTime(type);
  const cells = columns.map((name, k) => {
    if (isAsItIs(name)) return `${identifier(name)} AS c${k}`;
    const cell = cellOf(name);
    return `${isList && cell.type.endsWith("[]") ? elementText(cell) : textOf(cell)} AS c${k}`;
  });
  const micros = time === undefined ? "NULL" : realTime(type, identifier(time));
  return {
    from: `(SELECT ${PART} AS part, file_row_number + 1 AS line, ${micros} AS micros, ${cells.join(", ")}
      FROM ${readParquet(FILES)})`,
    cell: (column) => `c${columns.indexOf(column)}`,
    ...(isTime(type) ? { micros: "micros" } : {}),
  };
}

function elementText({ sql, type }: Typed): string {
  const text = textOf({ sql: "entry", type: elementOf(type) });
  return `unnest(CASE WHEN len(${sql}) > 0 THEN list_transform(${sql}, lambda entry: ${text}) ELSE [NULL] END)`;
}

const isTime = (type: string) => /^(TIMESTAMP|DATE)/.test(type);

function realTime(type: string, column: string): string {
  if (type === "TIMESTAMP WITH TIME ZONE") return `epoch_us(${column})`;
  return isTime(type) ? `epoch_us(CAST(${column} AS TIMESTAMP))` : "NULL";
}

function nestedItem(path: string, item: string): Problem {
  return new Problem({
    doing: `Reading ${path}`,
    why: `the items in ${JSON.stringify(item)} are records, of which one field is the id`,
    next: "Write a row an item, for example with DuckDB's unnest; or name another column: --map item=COLUMN",
  });
}
