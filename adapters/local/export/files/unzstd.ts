import { once } from "node:events";
import { createZstdDecompress, type ZstdDecompress } from "node:zlib";

/**
 * Unpacks zstd. A file may have several frames, one behind the other, as gzip has members. Node
 * unpacks the first one alone, and leaves the rest without a word.
 */
export async function* unzstd(packed: AsyncIterable<Buffer>, chunkSize: number): AsyncGenerator<Buffer> {
  const source = packed[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const next = async (): Promise<Buffer | null> => {
    if (rest.length === 0) return (await source.next()).value ?? null;
    const bytes = rest;
    rest = Buffer.alloc(0);
    return bytes;
  };
  for (let first = await next(); first; first = await next()) {
    const frame = createZstdDecompress({ chunkSize });
    const feeding = feed(frame, first, next).catch((error: Error) => void frame.destroy(error));
    yield* frame as AsyncIterable<Buffer>;
    rest = (await feeding) ?? rest;
  }
}

/** @returns the bytes behind the frame. */
async function feed(
  frame: ZstdDecompress,
  first: Buffer,
  next: () => Promise<Buffer | null>,
): Promise<Buffer> {
  const closed = once(frame, "close");
  // An error reaches whoever reads the frame.
  closed.catch(() => {});
  let fed = 0;
  for (let chunk: Buffer | null = first; chunk; chunk = await next()) {
    const bytes = chunk;
    fed += bytes.length;
    await Promise.race([new Promise((resolve) => frame.write(bytes, resolve)), closed]);
    // What it does not take is of the next one.
    if (frame.bytesWritten < fed) return bytes.subarray(bytes.length - (fed - frame.bytesWritten));
  }
  frame.end();
  return Buffer.alloc(0);
}
