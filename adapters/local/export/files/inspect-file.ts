import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { LineCounter, type LineEnds } from "./line-counter.ts";

const CHUNK = 1 << 20;
const HEAD = 1 << 20;

export interface Inspection {
  /** Of the file's bytes as stored, before unpacking. */
  sha256: string;
  /** Lines of text (unpacked) that are not blank. */
  lines: number;
  lineEnds: LineEnds;
  /** The beginning of the text (unpacked): a little over a megabyte. */
  head: string;
}

/**
 * Reads a file from end to end: its checksum, and for text the counts that later prove that no line
 * was lost.
 * This also finds a damaged .gz: DuckDB takes a truncated one for whole. It throws what the stream
 * throws.
 */
export async function inspectFile(
  file: { path: string; gzip: boolean; text: boolean },
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Inspection> {
  const hash = createHash("sha256");
  const counter = new LineCounter();
  const head: Buffer[] = [];
  let headBytes = 0;
  async function* hashed(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      onBytes(chunk.length);
      yield chunk;
    }
  }
  async function counted(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      if (!file.text) continue;
      if (headBytes < HEAD) headBytes += head.push(chunk) && chunk.length;
      counter.add(chunk);
    }
  }
  const source = createReadStream(file.path, { highWaterMark: CHUNK });
  if (file.gzip) await pipeline(source, hashed, createGunzip({ chunkSize: CHUNK }), counted, { signal });
  else await pipeline(source, hashed, counted, { signal });
  return {
    sha256: hash.digest("hex"),
    ...counter.end(),
    head: new TextDecoder().decode(Buffer.concat(head)),
  };
}
