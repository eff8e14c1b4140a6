import { fileLiteral, literal } from "../../duckdb.ts";
import type { CsvText } from "./csv-text.ts";
import { FILE_COLUMN, FILES } from "./files.ts";

/** How the rows of a CSV file are read. */
export interface CsvRows extends CsvText {
  /**
   * Where some rows leave out their last cells, as Excel does where they are empty: the place of
   * the last column that they need to have. Undefined: such rows are rejected.
   */
  filled?: number;
}

/**
 * SQL for the cells of CSV files, all text. Nothing is sniffed: the id 1e5 would become 100000.
 * The header is read as a row like any other. With `keepRejects`, lines that are not CSV go to the
 * connection's table reject_errors.
 */
export function readCsv({ delimiter, columns, escape, filled }: CsvRows, keepRejects: boolean): string {
  const names = columns.map((_, k) => `c${k}: 'VARCHAR'`).join(", ");
  // DuckDB refuses to fill rows up by several threads. No cell is NULL but those that are missing.
  const short = filled === undefined ? "" : `null_padding = true, parallel = false, nullstr = '\u0001',`;
  return `read_csv(${FILES}, auto_detect = false, header = false, ${short} columns = {${names}}, filename = ${literal(FILE_COLUMN)},
    hive_partitioning = false, delim = ${literal(delimiter)}, quote = '"', escape = '${escape}', ignore_errors = true, store_rejects = ${keepRejects})`;
}

/**
 * SQL for the lines of a text file in a column `line`, NULL where blank. Invalid UTF-8 is left out.
 */
export function readLines(path: string): string {
  return `read_csv(${fileLiteral(path)}, auto_detect = false, header = false, columns = {line: 'VARCHAR'},
    hive_partitioning = false, delim = chr(1), quote = '', escape = '', strict_mode = false, ignore_errors = true)`;
}

/** SQL that counts the additional lines of records that have line ends within quotes. */
export function countContinuationLines(csv: CsvRows): string {
  const cells = csv.columns.map((_, k) => `c${k}`).join(", ");
  return `SELECT coalesce(sum(len(list_filter(string_split(replace(record, chr(13), ''), chr(10)), lambda line: line <> '')) - 1), 0)::DOUBLE AS lines
    FROM (SELECT concat('x', concat_ws('x', ${cells}), 'x') AS record FROM ${readCsv(csv, false)})
    WHERE contains(record, chr(10))`;
}
