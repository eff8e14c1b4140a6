import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { inUtf8 } from "./files/encodings.ts";
import type { EventFile } from "./files/input-files.ts";
import { textParts, type TextPart } from "./files/text-parts.ts";
import { unpacked, type Reading } from "./files/unpacked.ts";
import { unreadable } from "./files/unreadable.ts";
import { openRows, type OpenedRows, type RowSettings } from "./rows/open-rows.ts";

/** What one statement reads: more is no faster, and small files are read together. */
const BATCH = { bytes: 32 << 20, parts: 128 };
/** The beginning of a text, by which its layout is known. */
const HEAD = 1 << 18;

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

/** Consecutive parts of one layout. */
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
  let batch: (Batch & { bytes: number }) | undefined;
  let parts = reading.first;
  for (const file of files) {
    for await (const { part, opened } of partsOf(file, reading, () => parts)) {
      const isFull = batch && (batch.bytes + part.bytes > BATCH.bytes || batch.parts.length === BATCH.parts);
      if (batch && (isFull || !isAlike(batch.opened, opened))) {
        yield batch;
        batch = undefined;
      }
      batch ??= { parts: [], opened, bytes: 0 };
      batch.parts.push({ ...part, id: parts++, file });
      batch.bytes += part.bytes;
    }
  }
  if (batch) yield batch;
}

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
  nextId: () => number,
): AsyncGenerator<OpenedPart> {
  const hash = createHash("sha256");
  let opened: OpenedRows | undefined;
  try {
    const parts = file.format === "parquet" ? parquetPart : partsOfText;
    for await (const each of parts(file, { ...reading, hash }, nextId)) {
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
  nextId: () => number,
): AsyncGenerator<OpenedPart> {
  const { encoding } = reading.settings;
  const chunks = inUtf8(unpacked(file, reading), file, { encoding });
  const first = await firstChunk(chunks);
  if (first === null) return;
  const head = new TextDecoder().decode(first.subarray(0, HEAD));
  const opened = await openRows(reading.connection, file, head, reading.settings);
  async function* all() {
    yield first!;
    yield* chunks;
  }
  const cutting = {
    original: file.path,
    // DuckDB goes by the name, even where it lies.
    isPlain: file.packing === null && !/\.(gz|zstd?)$/i.test(file.path) && encoding === "utf-8",
    isJson: opened.csv === undefined,
    hasQuotes: opened.csv !== undefined,
    copyPath: () => join(reading.folder, `${nextId()}.text`),
  };
  for await (const part of textParts(all(), cutting)) yield { part, opened };
}

/** With all that is blank before the first row, as a byte order mark is. Null: there is none. */
async function firstChunk(chunks: AsyncGenerator<Buffer>): Promise<Buffer | null> {
  let first: Buffer = Buffer.alloc(0);
  while (/^(\xEF\xBB\xBF)?\s*$/.test(first.toString("latin1", 0, HEAD))) {
    const found = await chunks.next();
    if (found.done) return null;
    first = first.length === 0 ? found.value : Buffer.concat([first, found.value]);
  }
  return first;
}
