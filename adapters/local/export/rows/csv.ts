import { PART } from "./files.ts";
import type { FlatReader } from "./flat.ts";
import { firstRecords, readCsv, readHeader, type CsvText } from "./read-csv.ts";
import type { FlatSource } from "./source.ts";

/** Rows of which values are looked at. */
const SAMPLE = 200;

/** `path`: the file's own name, whose ending may say what divides its cells. */
export function csvSource(path: string, head: string): FlatSource {
  const csv = readHeader(head, path);
  let records: string[][] | undefined;
  const valuesOf = (column: string) => {
    records ??= firstRecords(head, csv.delimiter, SAMPLE + 1).slice(1);
    const at = csv.columns.indexOf(column);
    return records.map((record) => record[at] ?? "").filter((value) => value !== "");
  };
  return { shape: "flat", columns: csv.columns, valuesOf, readerOf: () => csvReader(csv), csv };
}

function csvReader(csv: CsvText): FlatReader {
  return {
    // Numbering in one stream also keeps the reader to one thread. Several threads may cut a file
    // within quotes and misread it.
    from: `(SELECT row_number() OVER () AS line, ${PART} AS part, * FROM ${readCsv(csv, true)})`,
    cell: (column) => `c${csv.columns.indexOf(column)}`,
    headings: true,
  };
}
