import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { withinBounds } from "./within-bounds.ts";

/**
 * A packed file, unpacked.
 * @throws Problem when it unpacks out of all proportion.
 */
export function gunzipped(doing: string, path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path);
  // Its error reaches whoever reads the last stream.
  const chunks = pipeline(file, createGunzip({ chunkSize: 1 << 20 }), () => {});
  return withinBounds(doing, chunks, () => file.bytesRead);
}

/** DuckDB unpacks by itself, to its memory and then to the disk: so this looks before it does. */
export async function requireProportion(doing: string, path: string): Promise<void> {
  for await (const _ of gunzipped(doing, path));
}
