import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../../contracts/problem.ts";
import { identifier, literal, query } from "../../duckdb.ts";
import { FILE_COLUMN, FILES, PART } from "./files.ts";
import { readLines } from "./read-csv.ts";
import { GA4_COLUMNS, GA4_ITEMS_TYPE } from "./ga4.ts";
import type { ScopeField } from "./ga4-scope.ts";
import type { FlatReader } from "./flat.ts";
import type { Source } from "./source.ts";

/** @throws Problem for one JSON array, and for a file without any object. */
export function ndjsonSource(
  connection: DuckDBConnection,
  path: string,
  head: string,
  scope: ScopeField | undefined,
): Source {
  if (/^\s*\[/.test(head)) throw jsonArray(path);
  const columns = keysIn(head);
  if (isGa4(columns)) return { shape: "ga4", from: ga4Lines(scope), isLines: true };
  return {
    shape: "flat",
    columns,
    async allColumns() {
      const found = await query<{ key: string }>(connection, allKeys(path));
      if (found.length === 0) throw noObjects(path);
      return found.map(({ key }) => key);
    },
    readerOf: (chosen) => ndjsonReader(Object.values(chosen)),
  };
}

/** Items may be absent from the first rows: a page view has none. */
function isGa4(keys: string[]): boolean {
  const has = (...names: string[]) => names.every((name) => keys.includes(name));
  return (
    has("event_name", "items") || (has("event_name", "event_date", "event_timestamp") && !has("item_id"))
  );
}

/**
 * SQL for some fields of NDJSON: a row for each line that is not blank. A line that is no object
 * has NULL in all of them; a field of the wrong type is NULL, and only it.
 */
function readFields(types: Record<string, string>): string {
  const columns = Object.entries(types).map(([name, type]) => `${literal(name)}: ${literal(type)}`);
  return `read_json(${FILES}, columns = {${columns.join(", ")}}, format = 'newline_delimited',
    ignore_errors = true, filename = ${literal(FILE_COLUMN)})`;
}

const areNull = (columns: string[]) => columns.map((column) => `${column} IS NULL`).join(" AND ");

/** GA4 rows for ga4Rows(). */
function ga4Lines(scope: ScopeField | undefined): string {
  const columns = [...GA4_COLUMNS, "items"];
  const types = {
    ...Object.fromEntries(GA4_COLUMNS.map((column) => [column, "VARCHAR"])),
    items: GA4_ITEMS_TYPE,
    ...(scope ? { [scope.column]: scope.type } : {}),
  };
  return `(
    SELECT row_number() OVER () AS line, ${PART} AS part, ${columns.join(", ")},
      ${scope ? scope.in(scope.column) : "NULL::VARCHAR"} AS scope, ${areNull(columns)} AS malformed
    FROM ${readFields(types)})`;
}

/** `columns`: the keys that will be asked for. */
function ndjsonReader(columns: string[]): FlatReader {
  const keys = [...new Set(columns)];
  const nameOf = (column: string) => `c${keys.indexOf(column)}`;
  const cells = keys.map((key) => `${identifier(key)} AS ${nameOf(key)}`);
  const types = Object.fromEntries(keys.map((key) => [key, "VARCHAR"]));
  return {
    from: `(SELECT row_number() OVER () AS line, ${PART} AS part, ${cells.join(", ")} FROM ${readFields(types)})`,
    cell: nameOf,
    malformed: areNull(keys.map(nameOf)),
    isLines: true,
  };
}

/** The keys of the first lines. A GA4 row often lacks some, because empty ones are left out. */
function keysIn(head: string): string[] {
  const keys = new Set<string>();
  for (const line of head.split("\n", 1000)) {
    for (const key of keysOf(line)) keys.add(key);
    if (keys.has("event_name") && keys.has("items")) break;
  }
  return [...keys];
}

function keysOf(line: string): string[] {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === "object" && !Array.isArray(value) ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

/** SQL for all keys of a file, for a key that first occurs late. */
function allKeys(path: string): string {
  return `SELECT DISTINCT unnest(TRY(json_keys(source))) AS key FROM (SELECT line AS source FROM ${readLines(path)}) ORDER BY key`;
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
