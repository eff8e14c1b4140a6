import { literal } from "../../duckdb.ts";
import { FILE_COLUMN, FILES } from "./files.ts";

/**
 * SQL for some fields of NDJSON: a row for each line that is not blank. A line that is no object
 * has NULL in all of them; a field of the wrong type is NULL, and only it.
 */
export function readFields(types: Record<string, string>): string {
  const columns = Object.entries(types).map(([name, type]) => `${literal(name)}: ${literal(type)}`);
  return `read_json(${FILES}, columns = {${columns.join(", ")}}, format = 'newline_delimited',
    ignore_errors = true, hive_partitioning = false, filename = ${literal(FILE_COLUMN)})`;
}

/** SQL: a line has none of these. */
export const areNull = (columns: string[]): string =>
  columns.map((column) => `${column} IS NULL`).join(" AND ");
