import { basename, dirname } from "node:path";

/** A folder named `name=value`. */
export type Folder = [name: string, value: string];

/** What the day of a folder is called, besides `date`. */
const DAYS = ["dt", "ds", "day"];
/** Hive writes this where a row has no value. */
const NOTHING = "__HIVE_DEFAULT_PARTITION__";

/**
 * What the folders of a file say, as Hive, Spark and DuckDB write them, from the outer to the inner
 * one; last the day that they name, as a `date`: of dt=2026-11-01, and of year=2026/month=11/day=1.
 */
export function foldersOf(path: string): Folder[] {
  const folders = writtenFolders(path);
  const valueOf = (...names: string[]) => folders.find(([name]) => names.includes(name.toLowerCase()))?.[1];
  const parts = ["year", "month", "day"].map((part) => valueOf(part) ?? "");
  const whole = parts.every((part) => /^\d+$/.test(part))
    ? parts.map((part) => part.padStart(2, "0")).join("-")
    : undefined;
  const date = whole ?? valueOf(...DAYS);
  return date === undefined ? folders : [...folders, ["date", date]];
}

/** The last of this name; null where the folder says that rows have none. */
export function valueInFolders(path: string, name: string): string | null {
  const value = new Map(foldersOf(path)).get(name);
  return value === undefined || value === NOTHING ? null : value;
}

function writtenFolders(path: string): Folder[] {
  const folder = dirname(path);
  if (folder === path || folder === ".") return [];
  const [, name, value] = /^(\w+)=(.+)$/.exec(basename(folder)) ?? [];
  const above = writtenFolders(folder);
  return name === undefined ? above : [...above, [name, decoded(value!)]];
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
