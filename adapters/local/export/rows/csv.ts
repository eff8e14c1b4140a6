import type { FlatColumns } from "../columns/flat-columns.ts";
import { endlessHeader, requireFewColumns } from "../columns/too-wide.ts";
import { HEAD, isCut } from "./head.ts";
import { readHeader } from "./csv-text.ts";
import { PART } from "./files.ts";
import type { FlatReader } from "./flat.ts";
import { readCsv, type CsvRows } from "./read-csv.ts";
import type { FlatSource } from "./source.ts";

/** `path`: the file's own name, whose ending may say what divides its cells. */
export function csvSource(path: string, head: string): FlatSource {
  const { csv, rows } = readHeader(head, path);
  const { columns } = csv;
  requireFewColumns(path, columns.length);
  if (rows.length === 0 && isCut(head)) throw endlessHeader(path, HEAD);
  const valuesOf = (column: string) => {
    const at = columns.indexOf(column);
    return rows.map((row) => row[at] ?? "").filter((value) => value !== "");
  };
  const readerOf = (chosen: FlatColumns) => {
    const last = lastNeeded(columns, chosen);
    // The beginning of the text may end within the last one.
    const areShort = rows.slice(0, -1).some(({ length }) => length > last && length < columns.length);
    return csvReader(areShort ? { ...csv, filled: last } : csv);
  };
  return { shape: "flat", columns, valuesOf, readerOf };
}

function lastNeeded(columns: readonly string[], { user, item, event, time, clock }: FlatColumns): number {
  return Math.max(...[user, item, event, time, clock].map((name) => columns.indexOf(name ?? user)));
}

function csvReader(csv: CsvRows): FlatReader {
  return {
    // Numbering in one stream also keeps the reader to one thread. Several threads may cut a file
    // within quotes and misread it.
    from: `(SELECT row_number() OVER () AS line, ${PART} AS part, * FROM ${readCsv(csv, true)})`,
    cell: (column) => `c${csv.columns.indexOf(column)}`,
    headings: true,
    ...(csv.filled === undefined ? {} : { malformed: `c${csv.filled} IS NULL` }),
    csv,
  };
}
