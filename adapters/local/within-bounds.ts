import { Problem } from "../../contracts/problem.ts";

/** So much a packed file may hold, however small it is. */
const ALWAYS_MIB = 256;
/** Beyond it a file may hold so many times its packed bytes. */
const MOST_TIMES = 200;
const MOST_GIB = 256;

/** Bytes that were taken from a packed file, and that they became. */
export interface Unpacking {
  packed: number;
  unpacked: number;
}

/**
 * Hands on what a packed file becomes, as long as that is in proportion.
 * @param packed bytes that were taken from the file so far
 * @throws Problem before a small file fills the disk.
 */
export async function* withinBounds(
  doing: string,
  chunks: AsyncIterable<Buffer>,
  packed: () => number,
): AsyncGenerator<Buffer> {
  let unpacked = 0;
  for await (const chunk of chunks) {
    unpacked += chunk.length;
    const why = lackOfProportion({ packed: packed(), unpacked });
    if (why) throw new Problem({ doing, why, next: NEXT });
    yield chunk;
  }
}

const NEXT =
  "Look at what it holds (zcat or zstdcat, | head); if it is right so, give it unpacked, or in several files";

/** Undefined: they are in proportion. */
export function lackOfProportion({ packed, unpacked }: Unpacking): string | undefined {
  if (unpacked > MOST_GIB * 2 ** 30) return `it unpacks to more than ${MOST_GIB} GiB`;
  if (unpacked <= Math.max(ALWAYS_MIB * 2 ** 20, MOST_TIMES * packed)) return undefined;
  const times = `${MOST_TIMES} times its packed size`;
  return `it unpacks to more than ${ALWAYS_MIB} MiB and ${times}, which no real export does`;
}
