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
  const isWanted = (name: string) =>
    wanted.some((column) =>
      map[column] === undefined
        ? WELL_KNOWN[column].includes(plainName(name))
        : map[column].toLowerCase() === name.toLowerCase(),
    );
  const values = new Map(foldersOf(path).filter(([name]) => isWanted(name)));
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

function foldersOf(path: string): [name: string, value: string][] {
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
