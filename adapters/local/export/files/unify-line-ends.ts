import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";

/**
 * Copies a text file, unpacked, with every CRLF and lone CR as LF. DuckDB's CSV reader refuses a
 * file with different line ends, such as shards of two systems put together.
 */
export async function unifyLineEnds(
  file: { path: string; gzip: boolean },
  target: string,
  signal: AbortSignal,
): Promise<void> {
  async function* unified(chunks: AsyncIterable<Buffer>) {
    let open = "";
    for await (const chunk of chunks) {
      // latin1 maps bytes to characters one to one, so cut or broken UTF-8 is copied unchanged.
      const text = open + chunk.toString("latin1");
      open = text.endsWith("\r") ? "\r" : "";
      yield Buffer.from((open ? text.slice(0, -1) : text).replace(/\r\n?/g, "\n"), "latin1");
    }
    if (open) yield Buffer.from("\n");
  }
  const source = createReadStream(file.path);
  const sink = createWriteStream(target);
  if (file.gzip) await pipeline(source, createGunzip(), unified, sink, { signal });
  else await pipeline(source, unified, sink, { signal });
}
