import { basename, dirname } from "node:path";
import { plainName } from "../../../../contracts/column-names.ts";
import type { ColumnName } from "../../../../contracts/settings/events.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { literal } from "../../duckdb.ts";
import { lackingColumns, type FlatColumns } from "../columns/flat-columns.ts";
import { WELL_KNOWN } from "../columns/well-known.ts";
import type { FlatSource } from "./source.ts";

/** What folders can say of all rows below them. Users and items lie in the rows. */
const OF_FOLDERS: readonly ColumnName[] = ["event", "time", "status", "category", "scope"];
/** What the day of a folder is called, besides `date`. */
const DAYS = ["dt", "ds", "day"];
/** Hive writes this where a row has no value. */
const NOTHING = "__HIVE_DEFAULT_PARTITION__";

/**
 * A file with the columns that its folders have, as Hive, Spark and DuckDB write them:
 * `event=view_item/date=2026-11-21/part-0.parquet`. Only such that the file itself lacks.
 */
export function withFolders(
  source: FlatSource,
  path: string,
  settings: Pick<Settings, "map" | "identity" | "undated">,
): FlatSource {
  const { map } = settings;
  const lacking = lackingColumns(source.columns, settings);
  const wanted = lacking.filter((column) => OF_FOLDERS.includes(column));
  const isWanted = ([name, value]: Folder) =>
    wanted.some((column) =>
      map[column] === undefined
        ? isWellKnown(column, plainName(name), value)
        : map[column].toLowerCase() === name.toLowerCase(),
    );
  const values = new Map(withDate(foldersOf(path)).filter(isWanted));
  if (values.size === 0) return source;
  const { valuesOf = () => [] } = source;
  return {
    ...source,
    columns: [...source.columns, ...values.keys()],
    valuesOf: (column) => (values.has(column) ? [values.get(column)!] : valuesOf(column)),
    readerOf(chosen) {
      const own = Object.entries(chosen).filter(([, name]) => !values.has(name));
      const reader = source.readerOf(Object.fromEntries(own) as FlatColumns);
      const cell = (column: string) =>
        values.has(column) ? sqlOf(values.get(column)!) : reader.cell(column);
      return { ...reader, cell };
    },
  };
}

const sqlOf = (value: string) => (value === NOTHING ? "NULL::VARCHAR" : literal(value));

type Folder = [name: string, value: string];

function isWellKnown(column: ColumnName, name: string, value: string): boolean {
  if (column !== "time") return WELL_KNOWN[column].includes(name);
  return WELL_KNOWN.time.includes(name) && /^\d{4}-?\d\d-?\d\d/.test(value);
}

/** With the day that they name, as a date: of dt=2026-11-01, and of year=2026/month=11/day=1. */
function withDate(folders: Folder[]): Folder[] {
  const valueOf = (...names: string[]) => folders.find(([name]) => names.includes(name.toLowerCase()))?.[1];
  const parts = ["year", "month", "day"].map((part) => valueOf(part) ?? "");
  const whole = parts.every((part) => /^\d+$/.test(part))
    ? parts.map((part) => part.padStart(2, "0")).join("-")
    : undefined;
  const date = whole ?? valueOf(...DAYS);
  return date === undefined ? folders : [...folders, ["date", date]];
}

function foldersOf(path: string): Folder[] {
  const folder = dirname(path);
  if (folder === path || folder === ".") return [];
  const [, name, value] = /^(\w+)=(.+)$/.exec(basename(folder)) ?? [];
  const above = foldersOf(folder);
  return name === undefined ? above : [...above, [name, decoded(value!)]];
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
