import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { createGunzip, gunzip } from "node:zlib";
import type { EventFile } from "./input-files.ts";
import { unzstd } from "./unzstd.ts";

const CHUNK = 1 << 20;
/** A file up to this size is read at once, which takes half the time of a stream. */
const SMALL = 8 << 20;
const MOST_AT_ONCE = 128 << 20;

// Unpacked texts come and go in large buffers. After each 16 MB of them V8 13 looks through all
// objects, which costs more than unpacking. Later versions behave as if it had this flag.
if (process.versions.v8.startsWith("13.")) setFlagsFromString("--external-memory-accounted-in-global-limit");

const gunzipAtOnce = promisify(gunzip);

export interface Reading {
  signal: AbortSignal;
  /** Gets the stored bytes. */
  hash: Hash;
  onBytes(bytes: number): void;
}

/**
 * A text file's bytes in chunks, unpacked; a small one is a single chunk. A damaged one throws what
 * zlib or zstd throws: DuckDB would take a truncated .gz for whole.
 */
export async function* unpacked(file: EventFile, reading: Reading): AsyncGenerator<Buffer> {
  const small = file.bytes <= SMALL && file.packing !== "zstd" ? await readAtOnce(file, reading) : null;
  if (small) yield small;
  else if (file.packing === "zstd") yield* unzstd(stored(file, reading), CHUNK);
  else if (file.packing === "gzip")
    // Its error reaches whoever reads the last stream.
    yield* pipeline(stored(file, reading), createGunzip({ chunkSize: CHUNK }), () => {});
  else yield* stored(file, reading);
}

/** Null: it is too large when unpacked. */
async function readAtOnce({ path, packing }: EventFile, { signal, hash, onBytes }: Reading) {
  const bytes = await readFile(path, { signal });
  const text = packing ? await gunzippedAtOnce(bytes) : bytes;
  if (!text) return null;
  hash.update(bytes);
  onBytes(bytes.length);
  return text;
}

async function gunzippedAtOnce(bytes: Buffer): Promise<Buffer | null> {
  // The last four bytes of a whole .gz are its size; else they are anything.
  const size = bytes.length < 18 ? 0 : bytes.readUInt32LE(bytes.length - 4);
  const chunkSize = Math.min(Math.max(size + 64, 1 << 16), MOST_AT_ONCE);
  try {
    return await gunzipAtOnce(bytes, { chunkSize, maxOutputLength: MOST_AT_ONCE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return null;
    throw error;
  }
}

async function* stored({ path }: EventFile, { signal, hash, onBytes }: Reading): AsyncGenerator<Buffer> {
  const stream = createReadStream(path, { highWaterMark: CHUNK, signal });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    onBytes(chunk.length);
    yield chunk;
  }
}
