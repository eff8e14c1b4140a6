import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../../contracts/problem.ts";
import { fileLiteral, identifier, literal, query } from "../../duckdb.ts";
import { FILE_COLUMN, FILES, PART } from "./files.ts";
import type { FlatColumns } from "../columns/flat-columns.ts";
import type { FlatReader } from "./flat.ts";
import type { Ga4Fields } from "./ga4-fields.ts";
import { GA4_COLUMNS, GA4_ITEMS_TYPE } from "./ga4.ts";
import type { Source } from "./source.ts";

export async function parquetSource(
  connection: DuckDBConnection,
  path: string,
  fields: Ga4Fields,
): Promise<Source> {
  const there = await query<ParquetColumn>(connection, describeParquet(path));
  const columns = there.map((column) => column.column_name);
  const types = JSON.stringify(there);
  const items = there.find((column) => column.column_name === "items");
  if (columns.includes("event_name") && items && /STRUCT\(/.test(items.column_type))
    return { shape: "ga4", from: ga4Parquet(there, fields), isLines: false, types };
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

const readParquet = (files: string) =>
  `read_parquet(${files}, binary_as_string = true, hive_partitioning = false, file_row_number = true, filename = ${literal(FILE_COLUMN)})`;

/** SQL for the file's ParquetColumns. */
function describeParquet(path: string): string {
  return `SELECT column_name, column_type FROM (DESCRIBE SELECT * EXCLUDE (file_row_number, ${FILE_COLUMN}) FROM ${readParquet(fileLiteral(path))})`;
}

/** GA4 rows for ga4Rows(). */
function ga4Parquet(columns: ParquetColumn[], fields: Ga4Fields): string {
  const types = new Map(columns.map((column) => [column.column_name, column.column_type]));
  const text = GA4_COLUMNS.map(
    (name) => `${types.has(name) ? `CAST(${name} AS VARCHAR)` : "NULL"} AS ${name}`,
  );
  const list = (name: string) =>
    isWrapped(types.get(name)) ? `list_transform(${name}.list, lambda entry: entry.element)` : name;
  const field = (column: string) => {
    const type = fields.types[column]!;
    if (!types.has(column)) return `CAST(NULL AS ${type})`;
    return `CAST(${type.endsWith("[]") ? list(column) : column} AS ${type})`;
  };
  return `(
    SELECT ${PART} AS part, file_row_number + 1 AS line, false AS malformed, ${text.join(", ")},
      CAST(${list("items")} AS ${GA4_ITEMS_TYPE}) AS items,
      ${fields.scope(field)} AS scope, ${fields.isAsked?.(field) ?? "true"} AS is_asked
    FROM ${readParquet(FILES)})`;
}

/** By default BigQuery writes a list as a record `list` of records `element`. */
const isWrapped = (type = "") => /^STRUCT\("?list"? STRUCT\("?element"? /i.test(type);

/** Each element of a list of items is a row. */
function parquetReader(path: string, there: ParquetColumn[], chosen: FlatColumns): FlatReader {
  const { item, time } = chosen;
  const columns = Object.values(chosen);
  const typeOf = (name?: string) => there.find((column) => column.column_name === name)?.column_type ?? "";
  if (/STRUCT|MAP/.test(typeOf(item))) throw nestedItem(path, item);
  const isList = typeOf(item).endsWith("[]");
  const type = typeOf(time);
  const cells = columns.map((name, k) => {
    const text = isList && typeOf(name).endsWith("[]") ? elementText(identifier(name)) : undefined;
    return `${text ?? cellText(identifier(name), typeOf(name))} AS c${k}`;
  });
  const micros = time === undefined ? "NULL" : realTime(type, identifier(time));
  return {
    from: `(SELECT ${PART} AS part, file_row_number + 1 AS line, ${micros} AS micros, ${cells.join(", ")}
      FROM ${readParquet(FILES)})`,
    cell: (column) => `c${columns.indexOf(column)}`,
    ...(isTime(type) ? { micros: "micros" } : {}),
  };
}

const elementText = (column: string) =>
  `CAST(unnest(CASE WHEN len(${column}) > 0 THEN ${column} ELSE [NULL] END) AS VARCHAR)`;

/** A whole number is text without decimals, whatever its type: the id 4711.0 is 4711. */
function cellText(column: string, type: string): string {
  const text = `CAST(${column} AS VARCHAR)`;
  if (type.startsWith("DECIMAL")) return `regexp_replace(${text}, '\\.0+$', '')`;
  if (!/^(DOUBLE|FLOAT)$/.test(type)) return text;
  const whole = `TRY_CAST(${column} AS HUGEINT)`;
  return `CASE WHEN ${whole} = ${column} THEN CAST(${whole} AS VARCHAR) ELSE ${text} END`;
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
