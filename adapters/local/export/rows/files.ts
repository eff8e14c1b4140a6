import { fileLiteral, literal } from "../../duckdb.ts";
import { valueInFolders } from "./folder-values.ts";

/** Where SQL names the files that it reads: files of one layout share it. */
export const FILES = "{files}";
/** The column that a reader makes of a file's path. */
export const FILE_COLUMN = "_steamer_file";
/** SQL, over that column, for the number of the part that a row is of. */
export const PART = "{part}";
/** SQL, over the column `part`, for what the folders of a row's file say: see folder-values.ts. */
export const inFolders = (name: string) => `{folder:${name}}`;

/** A file that SQL reads, and where its rows come from: itself, or what it is a copy of. */
interface ReadPart {
  path: string;
  file: { path: string };
}

/** The SQL for these files, which are parts with numbers from `first` on. */
export function forFiles(sql: string, parts: readonly ReadPart[], first: number): string {
  const list = `[${parts.map(({ path }) => fileLiteral(path)).join(", ")}]`;
  const numbers = parts.map((_, k) => `${first + k}`);
  const paths = parts.map(({ path }) => literal(path));
  // At once: a path may have such a name, too.
  return sql.replace(/\{(files|part|folder:(\w+))\}/g, (_, what: string, name: string | undefined) => {
    if (what === "files") return list;
    if (name === undefined) return byCase(FILE_COLUMN, paths, numbers);
    const values = parts.map(({ file }) => valueInFolders(file.path, name));
    return byCase(
      "part",
      numbers,
      values.map((value) => (value === null ? "NULL::VARCHAR" : literal(value))),
    );
  });
}

function byCase(column: string, keys: readonly string[], values: readonly string[]): string {
  if (new Set(values).size === 1) return values[0];
  return `CASE ${column} ${keys.map((key, k) => `WHEN ${key} THEN ${values[k]}`).join(" ")} END`;
}
