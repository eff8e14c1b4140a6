import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { pipeline } from "node:stream";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { createGunzip, gunzip } from "node:zlib";
import { withinBounds } from "../../within-bounds.ts";
import type { EventFile } from "./input-files.ts";
import { unzstd } from "./unzstd.ts";

const CHUNK = 1 << 20;
/** A file up to this size is read at once, which takes half the time of a stream. */
const SMALL = 8 << 20;
const MOST_AT_ONCE = 128 << 20;
/** No gzip becomes more than so many times its size, whatever it claims. */
const MOST_OF_GZIP = 1032;

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
 * @throws Problem for one that unpacks out of all proportion.
 */
export async function* unpacked(file: EventFile, reading: Reading): AsyncGenerator<Buffer> {
  const small = file.bytes <= SMALL && file.packing !== "zstd" ? await readAtOnce(file, reading) : null;
  if (small) yield small;
  else if (file.packing === null) yield* stored(file, reading);
  else yield* unpackedInChunks(file, reading);
}

function unpackedInChunks(file: EventFile, reading: Reading): AsyncGenerator<Buffer> {
  let packed = 0;
  const counted = {
    ...reading,
    onBytes(bytes: number) {
      packed += bytes;
      reading.onBytes(bytes);
    },
  };
  const bytes = stored(file, counted);
  const chunks =
    file.packing === "zstd"
      ? unzstd(bytes, CHUNK)
      : // Its error reaches whoever reads the last stream.
        pipeline(bytes, createGunzip({ chunkSize: CHUNK }), () => {});
  return withinBounds(`Reading ${file.path}`, chunks as AsyncIterable<Buffer>, () => packed);
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
  const chunkSize = Math.max(Math.min(size + 64, MOST_OF_GZIP * bytes.length, MOST_AT_ONCE), 1 << 16);
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
