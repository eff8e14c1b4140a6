import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../../contracts/problem.ts";
import { literal, query } from "../../duckdb.ts";
import { readLines } from "./read-csv.ts";
import { GA4_COLUMNS, GA4_ITEM_FIELDS } from "./ga4.ts";
import type { ScopeField } from "./ga4-scope.ts";
import type { FlatReader } from "./flat.ts";
import type { FileText, Source } from "./source.ts";

/** @throws Problem for one JSON array, and for a file without any object. */
export function ndjsonSource(
  connection: DuckDBConnection,
  path: string,
  { path: text, head }: FileText,
  scope: ScopeField | undefined,
): Source {
  if (/^\s*\[/.test(head)) throw jsonArray(path);
  const columns = keysIn(head);
  if (isGa4(columns)) return { shape: "ga4", from: ga4Lines(text, scope) };
  return {
    shape: "flat",
    columns,
    async allColumns() {
      const found = await query<{ key: string }>(connection, allKeys(text));
      if (found.length === 0) throw noObjects(path);
      return found.map(({ key }) => key);
    },
    readerOf: (chosen) => ndjsonReader(text, Object.values(chosen)),
  };
}

/** Items may be absent from the first rows: a page view has none. */
function isGa4(keys: string[]): boolean {
  const has = (...names: string[]) => names.every((name) => keys.includes(name));
  return (
    has("event_name", "items") || (has("event_name", "event_date", "event_timestamp") && !has("item_id"))
  );
}

const numbered = (path: string) =>
  `(SELECT * FROM (SELECT row_number() OVER () AS line, line AS source FROM ${readLines(path)}) WHERE source IS NOT NULL)`;

/**
 * GA4 rows for ga4Rows(). Each line is parsed once; a field of the wrong type becomes NULL, and
 * only it.
 */
function ga4Lines(path: string, scope: ScopeField | undefined): string {
  const structure = JSON.stringify({
    ...Object.fromEntries(GA4_COLUMNS.map((column) => [column, "VARCHAR"])),
    items: [Object.fromEntries(GA4_ITEM_FIELDS.map((field) => [field, "VARCHAR"]))],
    ...(scope ? { [scope.column]: scope.structure } : {}),
  });
  const columns = [...GA4_COLUMNS, "items"];
  return `(
    SELECT line, source, ${columns.map((column) => `json.${column}`).join(", ")},
      ${scope ? scope.in(`json.${scope.column}`) : "NULL::VARCHAR"} AS scope,
      json IS NULL OR (${columns.map((column) => `json.${column} IS NULL`).join(" AND ")}) AS malformed
    FROM (SELECT line, source, TRY(from_json(source, ${literal(structure)})) AS json FROM ${numbered(path)}))`;
}

/** `columns`: the keys that will be asked for. */
function ndjsonReader(path: string, columns: string[]): FlatReader {
  const pointers = columns.map((key) => literal(`/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`));
  const cells = `TRY(json_extract_string(source, [${pointers.join(", ")}]))`;
  return {
    from: `(SELECT line, source, ${cells} AS cells FROM ${numbered(path)})`,
    cell: (column) => `cells[${columns.indexOf(column) + 1}]`,
    malformed: "cells IS NULL OR len(list_filter(cells, lambda cell: cell IS NOT NULL)) = 0",
    source: "source",
  };
}

/** The keys of the first lines. A GA4 row often lacks some, because empty ones are left out. */
function keysIn(head: string): string[] {
  const keys = new Set<string>();
  for (const line of head.split("\n").slice(0, 1000)) for (const key of keysOf(line)) keys.add(key);
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
  return `SELECT DISTINCT unnest(TRY(json_keys(source))) AS key FROM ${numbered(path)} ORDER BY key`;
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
