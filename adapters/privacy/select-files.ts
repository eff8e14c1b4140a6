import { join, resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { formatOf } from "../../contracts/layout.ts";
import { fileLiteral, literal, query } from "../local/duckdb.ts";

/** Files in one statement. Each is open, with its description, until the statement ends. */
const AT_ONCE = 500;

/**
 * The Parquet files below a folder that have rows of a user, of those named, and all others. Rows
 * lie in the order of users, so that of most files little is read.
 */
export function withRowsOf(root: string) {
  return async (connection: DuckDBConnection, paths: string[], user: string): Promise<string[]> => {
    const isParquet = (path: string) => formatOf(path) === "parquet";
    const byFile = new Map(paths.filter(isParquet).map((path) => [join(resolve(root), path), path]));
    const found = new Set<string>();
    const files = [...byFile.keys()];
    for (let from = 0; from < files.length; from += AT_ONCE) {
      const some = files.slice(from, from + AT_ONCE).map(fileLiteral);
      const rows = await query<{ filename: string }>(
        connection,
        `SELECT DISTINCT filename FROM read_parquet([${some.join(", ")}], filename = true, union_by_name = true, hive_partitioning = false)
         WHERE "user" = ${literal(user)}`,
      );
      for (const { filename } of rows) found.add(byFile.get(filename)!);
    }
    return paths.filter((path) => found.has(path) || !isParquet(path));
  };
}
