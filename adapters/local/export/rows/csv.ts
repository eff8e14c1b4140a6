import type { FlatReader } from "./flat.ts";
import { readCsv, type CsvText } from "./read-csv.ts";

export function csvReader(csv: CsvText): FlatReader {
  return {
    // Numbering in one stream also keeps the reader to one thread: where it cuts a file, quotes can go wrong.
    from: `(SELECT row_number() OVER () AS line, * FROM ${readCsv(csv, true)})`,
    cell: (column) => `c${csv.columns.indexOf(column)}`,
    headings: true,
  };
}
