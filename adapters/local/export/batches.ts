import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { inUtf8 } from "./files/encodings.ts";
import type { EventFile } from "./files/input-files.ts";
import { textParts, type TextPart } from "./files/text-parts.ts";
import { unpacked, type Reading } from "./files/unpacked.ts";
import { unreadable } from "./files/unreadable.ts";
import { HEAD } from "./rows/head.ts";
import { openRows, type OpenedRows, type RowSettings } from "./rows/open-rows.ts";

/**
 * What one statement reads. Planning it costs as much as reading some megabytes of JSON, so small
 * files are read together. Copies of more would take too much of the disk.
 */
const BATCH = { bytes: 128 << 20, parts: 128, layouts: 4 };
/** More blanks before the first row are not kept in memory. */
const MOST_BLANKS = 16 << 20;

/** A file that was read. */
export interface ReadFile {
  file: EventFile;
  /** Of the bytes as stored; empty for an empty file. */
  sha256: string;
  /** Undefined for a file without rows. */
  opened?: OpenedRows;
}

/** A file, or a piece of one. Parts are numbered in the order in which they are read. */
export interface Part extends TextPart {
  id: number;
  file: EventFile;
}

/** Parts of one layout, with consecutive numbers. */
export interface Batch {
  parts: Part[];
  opened: OpenedRows;
}

export interface BatchReading {
  /** The number of the first part. */
  first: number;
  /** For looks at a file's columns. */
  connection: DuckDBConnection;
  settings: RowSettings;
  /** A folder for copies. */
  folder: string;
  signal: AbortSignal;
  onBytes(bytes: number): void;
  /** Is told of each file that has been read. */
  onFile(read: ReadFile): void;
}

/**
 * The rows of all files, in batches.
 * @throws Problem that names the file when it cannot be read or lacks a column.
 */
export async function* eventBatches(
  files: readonly EventFile[],
  reading: BatchReading,
): AsyncGenerator<Batch> {
  /** By layout: files of several kinds may take turns. */
  const gathered: Gathered[] = [];
  let [numbered, copies] = [reading.first, 0];
  const batchOf = ({ parts, opened }: Gathered): Batch => ({
    opened,
    parts: parts.map((part) => ({ ...part, id: numbered++ })),
  });
  for (const file of files) {
    for await (const { part, opened } of partsOf(file, reading, () => copies++)) {
      let batch = gathered.find((each) => isAlike(each.opened, opened));
      if (batch ? isFull(batch, part) : gathered.length === BATCH.layouts) {
        const [ended] = gathered.splice(batch ? gathered.indexOf(batch) : 0, 1);
        yield batchOf(ended);
        batch = undefined;
      }
      if (!batch) gathered.push((batch = { parts: [], opened, bytes: 0 }));
      batch.parts.push({ ...part, file });
      batch.bytes += part.bytes;
    }
  }
  for (const each of gathered) yield batchOf(each);
}

/** A batch to be. */
interface Gathered {
  parts: Omit<Part, "id">[];
  opened: OpenedRows;
  bytes: number;
}

const isFull = ({ bytes, parts }: Gathered, next: TextPart) =>
  bytes + next.bytes > BATCH.bytes || parts.length === BATCH.parts;

/**
 * Rows of one layout are read by the same SQL. Of several Parquet files, DuckDB casts all to the
 * types of the first: a time would become its date.
 */
const isAlike = (one: OpenedRows, other: OpenedRows) =>
  one.types === other.types && one.rows.select === other.rows.select && one.rows.text === other.rows.text;

interface OpenedPart {
  part: TextPart;
  opened: OpenedRows;
}

async function* partsOf(
  file: EventFile,
  { onFile, ...reading }: BatchReading,
  nextCopy: () => number,
): AsyncGenerator<OpenedPart> {
  const hash = createHash("sha256");
  let opened: OpenedRows | undefined;
  try {
    const parts = file.format === "parquet" ? parquetPart : partsOfText;
    for await (const each of parts(file, { ...reading, hash }, nextCopy)) {
      opened = each.opened;
      yield each;
    }
  } catch (error) {
    reading.signal.throwIfAborted();
    throw unreadable(file.path, error);
  }
  onFile(opened ? { file, sha256: hash.digest("hex"), opened } : { file, sha256: "" });
}

type FileReading = Omit<BatchReading, "onFile"> & Reading;

async function* parquetPart(file: EventFile, reading: FileReading): AsyncGenerator<OpenedPart> {
  if (file.bytes === 0) return;
  const { connection, settings, signal, hash, onBytes } = reading;
  for await (const chunk of createReadStream(file.path, { highWaterMark: 1 << 20, signal })) {
    hash.update(chunk as Buffer);
    onBytes((chunk as Buffer).length);
  }
  const opened = await openRows(connection, file, "", settings);
  const { path, bytes } = file;
  yield { part: { path, bytes, isCopy: false, linesBefore: 0, filled: 0 }, opened };
}

async function* partsOfText(
  file: EventFile,
  reading: FileReading,
  nextCopy: () => number,
): AsyncGenerator<OpenedPart> {
  const { encoding } = reading.settings;
  const chunks = inUtf8(unpacked(file, reading), file, { encoding });
  const first = await firstChunk(chunks);
  if (first === null) return;
  const head = new TextDecoder().decode(first.subarray(0, HEAD));
  const opened = await openRows(reading.connection, file, head, reading.settings);
  const { csv } = opened;
  async function* all() {
    yield csv?.hasDividerLine ? first!.subarray(first!.indexOf("\n") + 1) : first!;
    yield* chunks;
  }
  const cutting = {
    original: file.path,
    // DuckDB goes by the name, even where it lies.
    isPlain:
      !csv?.hasDividerLine &&
      file.packing === null &&
      !/\.(gz|zstd?)$/i.test(file.path) &&
      encoding === "utf-8",
    isJson: csv === undefined,
    csv,
    skipped: csv?.hasDividerLine ? 1 : 0,
    isWhole: opened.chosen?.layout?.statusOnce === true,
    copyPath: () => join(reading.folder, `${nextCopy()}.text`),
  };
  for await (const part of textParts(all(), cutting)) yield { part, opened };
}

/**
 * At least the head, with all that is blank before the first row, as a byte order mark is. Null:
 * there is no row.
 */
async function firstChunk(chunks: AsyncGenerator<Buffer>): Promise<Buffer | null> {
  let first: Buffer = Buffer.alloc(0);
  const isBlank = () => /^(\xEF\xBB\xBF)?\s*$/.test(first.toString("latin1", 0, HEAD));
  while (first.length < HEAD || isBlank()) {
    if (first.length > MOST_BLANKS)
      throw new Error("Invalid Error: it begins with blanks, and no row follows");
    const found = await chunks.next();
    if (found.done) return isBlank() ? null : first;
    first = first.length === 0 ? found.value : Buffer.concat([first, found.value]);
  }
  return first;
}
