import { plainName } from "../../../../contracts/column-names.ts";
import type { ColumnName } from "../../../../contracts/settings/events.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { lackingColumns, type FlatColumns } from "../columns/flat-columns.ts";
import { WELL_KNOWN } from "../columns/well-known.ts";
import { inFolders } from "./files.ts";
import { foldersOf, type Folder } from "./folder-values.ts";
import type { FlatSource } from "./source.ts";

/** What folders can say of all rows below them. Users and items lie in the rows. */
const OF_FOLDERS: readonly ColumnName[] = ["event", "time", "status", "category", "scope"];

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
  const values = new Map(foldersOf(path).filter(isWanted));
  if (values.size === 0) return source;
  const { valuesOf = () => [] } = source;
  return {
    ...source,
    columns: [...source.columns, ...values.keys()],
    valuesOf: (column) => (values.has(column) ? [values.get(column)!] : valuesOf(column)),
    readerOf(chosen) {
      const own = Object.entries(chosen).filter(([, name]) => !values.has(name));
      const reader = source.readerOf(Object.fromEntries(own) as FlatColumns);
      const names = [...values.keys()].filter((name) => Object.values(chosen).includes(name));
      if (names.length === 0) return reader;
      const cells = names.map((name) => `${inFolders(name)} AS folder_${name}`);
      const cell = (column: string) => (values.has(column) ? `folder_${column}` : reader.cell(column));
      return { ...reader, from: `(SELECT *, ${cells.join(", ")} FROM ${reader.from})`, cell };
    },
  };
}

function isWellKnown(column: ColumnName, name: string, value: string): boolean {
  if (column !== "time") return WELL_KNOWN[column].includes(name);
  return WELL_KNOWN.time.includes(name) && /^\d{4}-?\d\d-?\d\d/.test(value);
}
