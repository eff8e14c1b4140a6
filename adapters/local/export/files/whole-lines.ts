const [TAB, LF, CR, SPACE] = [9, 10, 13, 32];
/** A longer one is no row, and is not kept in memory to find its end. */
const LONGEST_LINE = 128 << 20;
/**
 * Where a JSON text ends after one of these, DuckDB reads on in the next line, and spoils it. So
 * such a character is replaced by one that JSON does not have there.
 */
const STOPS = new Map(Array.from(Buffer.from(":,["), (byte, k) => [byte, 0x1d + k]));
const STOPPED = new Map(Array.from(STOPS, ([byte, stop]) => [stop, byte]));
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Some whole lines of a text. All of them end alike: with LF, or with CRLF. */
export interface Lines {
  bytes: Buffer;
  ends: "lf" | "crlf";
  /** True if these are not the bytes of the file: without its mark, or with other line ends. */
  isChanged: boolean;
  /** With the empty ones. */
  lines: number;
  /** Those that are not empty; of JSON those that are not blank. */
  filled: number;
}

/**
 * A text as whole lines, one chunk after the other. Where line ends differ, all become LF: DuckDB
 * refuses such a file, and shards of two systems put together are one. The last line gets an end,
 * too.
 * @param isJson each line is a JSON text: those of white space alone count as empty
 */
export async function* wholeLines(chunks: AsyncIterable<Buffer>, isJson: boolean): AsyncGenerator<Lines> {
  let open: Buffer = Buffer.alloc(0);
  let isFirst = true;
  for await (const chunk of chunks) {
    let text = open.length > 0 ? Buffer.concat([open, chunk]) : chunk;
    const hasMark = isFirst && text.length >= BOM.length && text.subarray(0, BOM.length).equals(BOM);
    if (hasMark) text = text.subarray(BOM.length);
    isFirst = false;
    const end = lastEnd(text);
    open = text.subarray(end);
    if (open.length > LONGEST_LINE) throw new Error("Invalid Error: a line is longer than 128 MiB");
    if (end > 0) yield linesOf(text.subarray(0, end), isJson, hasMark);
  }
  if (open.length > 0) yield linesOf(Buffer.concat([open, Buffer.from("\n")]), isJson, false);
}

/** Behind the last line end. A CR at the end of the text may be half of one. */
function lastEnd(text: Buffer): number {
  const lf = text.lastIndexOf(LF);
  if (lf >= 0) return lf + 1;
  return text.length < 2 ? 0 : text.lastIndexOf(CR, -2) + 1;
}

function linesOf(bytes: Buffer, isJson: boolean, isChanged: boolean): Lines {
  const found = survey(bytes, isJson);
  if (found.ends === "mixed") {
    // latin1 maps bytes to characters one to one, so broken UTF-8 is copied unchanged.
    const unified = Buffer.from(bytes.toString("latin1").replace(/\r\n?/g, "\n"), "latin1");
    return linesOf(unified, isJson, true);
  }
  const { ends, lines, filled, unfinished } = found;
  for (const place of unfinished) bytes[place] = STOPS.get(bytes[place])!;
  return { bytes, ends, lines, filled, isChanged: isChanged || unfinished.length > 0 };
}

function survey(text: Buffer, isJson: boolean) {
  let [lines, filled, crlf, returns, start] = [0, 0, 0, 0, 0];
  /** The places of such characters. */
  const unfinished: number[] = [];
  for (let end = text.indexOf(LF); end >= 0; end = text.indexOf(LF, start)) {
    const hasCR = end > start && text[end - 1] === CR;
    lines++;
    if (hasCR) crlf++;
    let last = hasCR ? end - 1 : end;
    if (isJson) while (last > start && isSpace(text[last - 1])) last--;
    if (last > start) {
      filled++;
      if (isJson && STOPS.has(text[last - 1])) unfinished.push(last - 1);
    }
    start = end + 1;
  }
  if (start < text.length) filled += Number(++lines > 0);
  for (let at = text.indexOf(CR); at >= 0; at = text.indexOf(CR, at + 1)) returns++;
  const isPure = returns === crlf && crlf === lines;
  const ends = returns === 0 ? "lf" : isPure ? "crlf" : "mixed";
  return { lines, filled, unfinished, ends } as const;
}

/** What DuckDB skips between JSON texts. */
const isSpace = (byte: number) => byte === SPACE || (byte >= TAB && byte <= CR);

function isBlank(text: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && isSpace(text[at])) at++;
  return at === end;
}

/** A JSON line as it stands in the file. */
function restored(line: Buffer): Buffer {
  let last = line.length - 1;
  while (last > 0 && isSpace(line[last])) last--;
  const copy = Buffer.from(line.at(-1) === CR ? line.subarray(0, -1) : line);
  copy[last] = STOPPED.get(line[last]) ?? line[last];
  return copy;
}

/**
 * Of the lines of a JSON part, those with these numbers, counting the filled ones from 1 on; with
 * the number among all lines.
 * @param numbers ascending
 */
export function pickLines(text: Buffer, numbers: readonly number[]): { line: number; text: string }[] {
  const picked: { line: number; text: string }[] = [];
  let [line, filled, start] = [0, 0, 0];
  while (picked.length < numbers.length && start < text.length) {
    const found = text.indexOf(LF, start);
    const end = found < 0 ? text.length : found;
    line++;
    if (!isBlank(text, start, end) && ++filled === numbers[picked.length]) {
      picked.push({ line, text: restored(text.subarray(start, end)).toString() });
    }
    start = end + 1;
  }
  return picked;
}
