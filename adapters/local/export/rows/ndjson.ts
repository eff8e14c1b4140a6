import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../../contracts/problem.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { identifier, query } from "../../duckdb.ts";
import { MOST_COLUMNS } from "../../most-columns.ts";
import { requireFewColumns } from "../columns/too-wide.ts";
import { PART } from "./files.ts";
import {
  elementsBelow,
  isObject,
  listsAround,
  placeOf,
  shapeOf,
  textBelow,
  type JsonShape,
} from "./json-shape.ts";
import { readLines } from "./read-csv.ts";
import { areNull, readFields } from "./read-json.ts";
import { GA4_COLUMNS, GA4_ITEMS_TYPE } from "./ga4.ts";
import { ga360Hits, isGa360, sessionLines } from "./ga360.ts";
import type { Ga4Fields, Ga4FieldSettings } from "./ga4-fields.ts";
import type { FlatColumns } from "../columns/flat-columns.ts";
import type { FlatReader } from "./flat.ts";
import type { Source } from "./source.ts";

/** Lines whose keys are looked at. */
const LOOKED_AT = 1000;

/** @throws Problem for one JSON array, and for a file without any object. */
export function ndjsonSource(
  connection: DuckDBConnection,
  path: string,
  head: string,
  { fields, ...settings }: { fields: Ga4Fields } & Pick<Settings, "map"> & Ga4FieldSettings,
): Source {
  if (/^\s*\[/.test(head)) throw jsonArray(path);
  let keys = keysIn(head);
  if (isGa4(keys, settings.map)) return { shape: "ga4", from: ga4Lines(fields, head), isLines: true };
  if (isGa360(keys)) return { shape: "ga4", from: ga360Hits(path, sessionLines(), settings), isLines: true };
  const objects = head.split("\n", LOOKED_AT).flatMap(objectOf);
  const shape = shapeOf(objects);
  return {
    shape: "flat",
    columns: shape.values,
    async allColumns() {
      const found = await query<{ key: string }>(connection, allKeys(path));
      if (found.length === 0) throw noObjects(path);
      keys = found.map(({ key }) => key);
      requireFewColumns(path, keys.length);
      const late = keys.filter((key) => !shape.values.some((value) => `${value}.`.startsWith(`${key}.`)));
      return [...shape.values, ...late];
    },
    readerOf: (chosen) => withWholeIds(ndjsonReader(path, chosen, keys, shape), chosen, head),
  };
}

/** Items may be absent from the first rows: a page view has none. */
function isGa4(keys: string[], map: Settings["map"]): boolean {
  const has = (...names: string[]) => names.every((name) => keys.includes(name));
  if (has("event_name", "items")) return true;
  const isFlat = map.item !== undefined || has("item_id");
  return has("event_name", "event_date", "event_timestamp") && !isFlat;
}

/** GA4 rows for ga4Rows(). */
function ga4Lines({ types: more, scope, isAsked }: Ga4Fields, head: string): string {
  const columns = [...GA4_COLUMNS, "items"];
  const read = columns.map((column) => {
    if (column === "user_id" && haveDecimals(head, column)) return `${wholeNumber(column)} AS ${column}`;
    if (column !== "items" || !haveDecimals(head, "item_id")) return column;
    const id = wholeNumber("entry.item_id");
    return `list_transform(items, lambda entry: struct_update(entry, item_id := ${id})) AS items`;
  });
  const types = {
    ...Object.fromEntries(GA4_COLUMNS.map((column) => [column, "VARCHAR"])),
    items: GA4_ITEMS_TYPE,
    ...more,
  };
  return `(
    SELECT row_number() OVER () AS line, ${PART} AS part, ${read.join(", ")},
      ${scope(identifier)} AS scope, ${isAsked?.(identifier) ?? "true"} AS is_asked, ${areNull(columns)} AS malformed
    FROM ${readFields(types)})`;
}

/**
 * Each element of a list that has the item is a row.
 * @throws Problem for an item in lists within lists.
 */
function ndjsonReader(path: string, chosen: FlatColumns, keys: string[], shape: JsonShape): FlatReader {
  const [rows, ...inner] = listsAround(chosen.item, shape);
  if (inner.length > 0) throw listsInLists(path, chosen.item);
  const placed = (column: string) => placeOf(column, keys, shape, rows);
  const places = Object.values(chosen).map(placed);
  const read = [...new Set(places.map(({ key }) => key))];
  const nameOf = (key: string) => `k${read.indexOf(key)}`;
  const deep = new Set(places.filter(({ list, below }) => list || below.length > 0).map(({ key }) => key));
  const types = Object.fromEntries(read.map((key) => [key, deep.has(key) ? "JSON" : "VARCHAR"]));
  const cells = read.map((key) => `${identifier(key)} AS ${nameOf(key)}`);
  const lines = `(SELECT row_number() OVER () AS line, ${PART} AS part, ${cells.join(", ")} FROM ${readFields(types)})`;
  const { key, list } = placed(chosen.item);
  return {
    from: list ? `(SELECT *, unnest(${elementsBelow(nameOf(key), list)}) AS element FROM ${lines})` : lines,
    cell(column) {
      const place = placed(column);
      if (place.list) return textBelow("element", place.below);
      return deep.has(place.key) ? textBelow(nameOf(place.key), place.below) : nameOf(place.key);
    },
    malformed: areNull(read.map(nameOf)),
    isLines: true,
  };
}

/** An id that is the number 4711.0 is 4711. A text stays as it is. */
function withWholeIds(reader: FlatReader, { user, item, device }: FlatColumns, head: string): FlatReader {
  const ids = [user, item, device].filter((column) => column !== undefined);
  const decimal = new Set(ids.filter((column) => haveDecimals(head, column.split(".").at(-1)!)));
  const cell = (column: string) =>
    decimal.has(column) ? wholeNumber(reader.cell(column)) : reader.cell(column);
  return { ...reader, cell };
}

/** True where values of a key are numbers with decimals, as pandas writes. */
function haveDecimals(head: string, key: string): boolean {
  const escaped = JSON.stringify(key).replace(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);
  return new RegExp(String.raw`${escaped}\s*:\s*\[?\s*-?\d+\.0+\s*[,}\]]`).test(head);
}

const wholeNumber = (text: string) =>
  `CASE WHEN contains(${text}, '.') THEN regexp_replace(${text}, '^(-?\\d+)\\.0+$', '\\1') ELSE ${text} END`;

/** The keys of the first lines. A GA4 row often lacks some, because empty ones are left out. */
function keysIn(head: string): string[] {
  const keys = new Set<string>();
  for (const line of head.split("\n", LOOKED_AT)) {
    for (const key of keysOf(line)) keys.add(key);
    if (keys.has("event_name") && keys.has("items")) break;
  }
  return [...keys];
}

function keysOf(line: string): string[] {
  return objectOf(line).flatMap(Object.keys);
}

/** The object of a line; none for any other line. */
function objectOf(line: string): object[] {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? [value] : [];
  } catch {
    return [];
  }
}

/** SQL for all keys of a file, for a key that first occurs late. */
function allKeys(path: string): string {
  return `SELECT DISTINCT unnest(TRY(json_keys(source))) AS key FROM (SELECT line AS source FROM ${readLines(path)}) ORDER BY key LIMIT ${MOST_COLUMNS + 1}`;
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

function listsInLists(path: string, item: string): Problem {
  return new Problem({
    doing: `Reading ${path}`,
    why: `${JSON.stringify(item)} lies in a list within a list`,
    next: "Write a line for each element of the outer one, for example with jq; or name another field: --map item=FIELD",
  });
}
