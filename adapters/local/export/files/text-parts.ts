import { open, rm, type FileHandle } from "node:fs/promises";
import type { CsvText } from "../rows/csv-text.ts";
import { wholeLines, type Lines } from "./whole-lines.ts";

/** Parts are cut here, so that several can be read at once, and little is copied at a time. */
const PART_BYTES = 32 << 20;
const [SPACE, QUOTE, BACKSLASH] = [32, 34, 92];

/** A piece of a text file, of whole records, that DuckDB can read: the file itself, or a copy. */
export interface TextPart {
  path: string;
  isCopy: boolean;
  /** Lines of the file before this part. */
  linesBefore: number;
  /** Lines that are not empty. */
  filled: number;
  bytes: number;
}

type Csv = Pick<CsvText, "delimiter" | "escape">;

export interface Cutting {
  /** The file's own path. */
  original: string;
  /** True if DuckDB could read the original. */
  isPlain: boolean;
  isJson: boolean;
  /** Of CSV: line ends within quotes end no record. */
  csv: Csv | undefined;
  /** Lines that were cut off before; then it is not plain. */
  skipped: number;
  /** True if rows depend on those above: then it is cut nowhere. */
  isWhole: boolean;
  /** A path for a copy. */
  copyPath(): string;
}

/** Cuts a text into parts. A small clean file is its own only part, and is not copied. */
export async function* textParts(chunks: AsyncIterable<Buffer>, cutting: Cutting): AsyncGenerator<TextPart> {
  const all = wholeLines(chunks, cutting.isJson);
  const first = await all.next();
  if (first.done) return;
  const second = await all.next();
  const isOnly = second.done === true;
  if (isOnly && cutting.isPlain && !first.value.isChanged) {
    const { filled, bytes } = first.value;
    const { original: path } = cutting;
    yield { path, isCopy: false, linesBefore: 0, filled, bytes: bytes.length };
    return;
  }
  const copies = new Copies(cutting);
  try {
    yield* copies.take(first.value);
    if (!isOnly) {
      yield* copies.take(second.value);
      for await (const lines of all) yield* copies.take(lines);
    }
    yield* copies.end();
  } finally {
    await copies.close();
  }
}

/** Writes lines to copies, one after the other. */
class Copies {
  readonly #cutting: Cutting;
  #file: FileHandle | undefined;
  #part: TextPart & { ends: Lines["ends"] } = nothing(0);
  #lines: number;
  /** True if a quote of the part so far has no end. */
  #isQuoted = false;

  constructor(cutting: Cutting) {
    this.#cutting = cutting;
    this.#lines = cutting.skipped;
  }

  async *take(lines: Lines): AsyncGenerator<TextPart> {
    const isFull = !this.#cutting.isWhole && this.#part.bytes + lines.bytes.length > PART_BYTES;
    const isOther = lines.ends !== this.#part.ends;
    // A part cannot end within quotes.
    if (this.#file && (isFull || isOther) && !this.#isQuoted) yield* this.end();
    if (!this.#file) {
      const path = this.#cutting.copyPath();
      this.#part = { ...nothing(this.#lines), path, ends: lines.ends };
      this.#file = await open(path, "w");
    }
    await this.#file.writeFile(lines.bytes);
    this.#part.bytes += lines.bytes.length;
    this.#part.filled += lines.filled;
    this.#lines += lines.lines;
    const { csv } = this.#cutting;
    if (csv !== undefined) this.#isQuoted = endsQuoted(lines.bytes, csv, this.#isQuoted);
  }

  async *end(): AsyncGenerator<TextPart> {
    if (!this.#file) return;
    await this.close();
    const { ends: _, ...part } = this.#part;
    if (part.filled > 0) yield part;
    else await rm(part.path);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

const nothing = (linesBefore: number): TextPart & { ends: Lines["ends"] } => ({
  ...{ path: "", isCopy: true, linesBefore, filled: 0, bytes: 0, ends: "lf" },
});

/** True if whole lines end within quotes. Within a cell, as in 27", a quote begins none. */
function endsQuoted(bytes: Buffer, { delimiter, escape }: Csv, isQuoted: boolean): boolean {
  const before = new Set(Buffer.from(`${delimiter}\r\n`));
  let closed = -2;
  for (let at = bytes.indexOf(QUOTE); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    if (isQuoted && escape === "\\" && isEscaped(bytes, at)) continue;
    if (isQuoted) closed = at;
    let last = at - 1;
    while (bytes[last] === SPACE) last--;
    const begins = last < 0 || at === closed + 1 || before.has(bytes[last]);
    isQuoted = !isQuoted && begins;
  }
  return isQuoted;
}

/** True behind an odd number of backslashes. */
function isEscaped(bytes: Buffer, at: number): boolean {
  let first = at;
  while (bytes[first - 1] === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}
