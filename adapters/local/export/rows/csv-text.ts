/** A CSV file's layout. In SQL its columns are c0, c1, … whatever their names in the file. */
export interface CsvText {
  delimiter: string;
  columns: string[];
  /** What stands before a quote within quotes. MySQL writes a backslash. */
  escape: Escape;
  /** Excel's own first line says what divides the cells: "sep=;". It is no row. */
  hasDividerLine: boolean;
}

export type Escape = '"' | "\\";

/** Rows that are looked at. */
const SAMPLE = 200;
const DIVIDER_LINE = /^\uFEFF?"?sep=([^\r\n"])"?\r?\n/i;

/** The layout, from the beginning of the text, and the first rows. */
export function readHeader(head: string, path: string): { csv: CsvText; rows: string[][] } {
  const [line = "", divider] = DIVIDER_LINE.exec(head) ?? [];
  const text = head.slice(line.length);
  const delimiter = divider ?? (/\.tsv(\.gz)?$/i.test(path) ? "\t" : likeliestDelimiter(text));
  const escape = escapeOf(text, delimiter);
  const [columns, ...rows] = firstRecords(text, delimiter, SAMPLE + 1, escape);
  return { csv: { delimiter, columns: columns!, escape, hasDividerLine: line !== "" }, rows };
}

/** By the rule a quote is doubled. Where a cell goes on behind one, the backslash is meant. */
function escapeOf(text: string, delimiter: string): Escape {
  const sign = delimiter === "|" ? String.raw`\|` : delimiter;
  return new RegExp(String.raw`\\"[^"\r\n${sign}]`).test(text) ? "\\" : '"';
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
export function firstRecords(
  head: string,
  delimiter: string,
  count: number,
  escape: Escape = '"',
): string[][] {
  const text = head.replace(/^\uFEFF/, "");
  const blank = /[\r\n]*/y;
  const records: string[][] = [];
  for (let position = 0; records.length < count;) {
    blank.lastIndex = position;
    position += blank.exec(text)![0].length;
    if (records.length > 0 && position >= text.length) break;
    const { cells, end } = recordAt(text, { delimiter, escape }, position);
    records.push(cells);
    position = end;
  }
  return records;
}

/** A cell in quotes, and what in it stands before a quote. */
const QUOTED = {
  '"': { quoted: /"((?:[^"]|"")*)"/y, escaped: /"(?=")/g },
  "\\": { quoted: /"((?:[^"\\]|\\[^])*)"/y, escaped: /\\(?=["\\])/g },
};

/** Up to the delimiter and no further: else the time would grow with the square of the cells. */
const plainCell = (delimiter: string) =>
  new RegExp(String.raw`[^\r\n${delimiter.replace(/[\\\]^-]/, String.raw`\$&`)}]*`, "y");

function recordAt(
  text: string,
  { delimiter, escape }: Pick<CsvText, "delimiter" | "escape">,
  start: number,
): { cells: string[]; end: number } {
  const { quoted, escaped } = QUOTED[escape];
  const plain = plainCell(delimiter);
  const cells: string[] = [];
  let position = start;
  for (;;) {
    quoted.lastIndex = plain.lastIndex = position;
    const match = quoted.exec(text);
    if (match) cells.push(match[1]!.replace(escaped, ""));
    else cells.push(plain.exec(text)![0]);
    position = match ? quoted.lastIndex : position + cells.at(-1)!.length;
    if (text[position] !== delimiter) return { cells, end: position };
    position++;
  }
}
