import { fileLiteral, literal } from "../../duckdb.ts";
import { FILE_COLUMN, FILES } from "./files.ts";

/** A CSV file's layout. In SQL its columns are c0, c1, … whatever their names in the file. */
export interface CsvText {
  delimiter: string;
  columns: string[];
}

/** Delimiter and column names, from the beginning of the text. */
export function readHeader(head: string, path: string): CsvText {
  const delimiter = /\.tsv(\.gz)?$/i.test(path) ? "\t" : likeliestDelimiter(head);
  return { delimiter, columns: firstRecord(head, delimiter) };
}

function likeliestDelimiter(text: string): string {
  const counts = [",", ";", "\t", "|"].map((delimiter) => ({
    delimiter,
    columns: firstRecord(text, delimiter).length,
  }));
  return counts.reduce((best, next) => (next.columns > best.columns ? next : best)).delimiter;
}

const firstRecord = (text: string, delimiter: string): string[] => firstRecords(text, delimiter, 1)[0]!;

/** The cells of the first records of a text, at most `count`; at least one. */
export function firstRecords(head: string, delimiter: string, count: number): string[][] {
  const text = head.replace(/^\uFEFF/, "");
  const blank = /[\r\n]*/y;
  const records: string[][] = [];
  for (let position = 0; records.length < count;) {
    blank.lastIndex = position;
    position += blank.exec(text)![0].length;
    if (records.length > 0 && position >= text.length) break;
    const { cells, end } = recordAt(text, delimiter, position);
    records.push(cells);
    position = end;
  }
  return records;
}

function recordAt(text: string, delimiter: string, start: number): { cells: string[]; end: number } {
  const cells: string[] = [];
  let position = start;
  for (;;) {
    const quoted = /"((?:[^"]|"")*)"/y;
    const plain = /[^\r\n]*/y;
    quoted.lastIndex = plain.lastIndex = position;
    const match = quoted.exec(text);
    if (match) cells.push(match[1]!.replaceAll('""', '"'));
    else cells.push(plain.exec(text)![0].split(delimiter, 1)[0]!);
    position = match ? quoted.lastIndex : position + cells.at(-1)!.length;
    if (text[position] !== delimiter) return { cells, end: position };
    position++;
  }
}

/**
 * SQL for the cells of CSV files, all text. Nothing is sniffed: the id 1e5 would become 100000.
 * The header is read as a row like any other. With `keepRejects`, lines that are not CSV go to the
 * connection's table reject_errors.
 */
export function readCsv({ delimiter, columns }: CsvText, keepRejects: boolean): string {
  const names = columns.map((_, k) => `c${k}: 'VARCHAR'`).join(", ");
  return `read_csv(${FILES}, auto_detect = false, header = false, columns = {${names}}, filename = ${literal(FILE_COLUMN)},
    hive_partitioning = false, delim = ${literal(delimiter)}, quote = '"', escape = '"', ignore_errors = true, store_rejects = ${keepRejects})`;
}

/**
 * SQL for the lines of a text file in a column `line`, NULL where blank. Invalid UTF-8 is left out.
 */
export function readLines(path: string): string {
  return `read_csv(${fileLiteral(path)}, auto_detect = false, header = false, columns = {line: 'VARCHAR'},
    hive_partitioning = false, delim = chr(1), quote = '', escape = '', strict_mode = false, ignore_errors = true)`;
}

/** SQL that counts the additional lines of records that have line ends within quotes. */
export function countContinuationLines(csv: CsvText): string {
  const cells = csv.columns.map((_, k) => `c${k}`).join(", ");
  return `SELECT coalesce(sum(len(list_filter(string_split(replace(record, chr(13), ''), chr(10)), lambda line: line <> '')) - 1), 0)::DOUBLE AS lines
    FROM (SELECT concat('x', concat_ws('x', ${cells}), 'x') AS record FROM ${readCsv(csv, false)})
    WHERE contains(record, chr(10))`;
}
