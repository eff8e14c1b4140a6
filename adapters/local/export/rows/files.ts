import { fileLiteral, literal } from "../../duckdb.ts";

/** Where SQL names the files that it reads: files of one layout share it. */
export const FILES = "{files}";
/** The column that a reader makes of a file's path. */
export const FILE_COLUMN = "_steamer_file";
/** SQL, over that column, for the number of the part that a row is of. */
export const PART = "{part}";

/** The SQL for these files, which are parts with numbers from `first` on. */
export function forFiles(sql: string, paths: readonly string[], first: number): string {
  const list = `[${paths.map(fileLiteral).join(", ")}]`;
  const branches = paths.map((path, k) => `WHEN ${literal(path)} THEN ${first + k}`).join(" ");
  const part = paths.length === 1 ? `${first}` : `CASE ${FILE_COLUMN} ${branches} END`;
  // At once: a path may have such a name, too.
  return sql.replace(/\{files\}|\{part\}/g, (name) => (name === FILES ? list : part));
}
