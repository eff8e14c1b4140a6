const encoder = new TextEncoder();

/**
 * The hash of an id's UTF-8 bytes: MurmurHash3_x86_32 (Austin Appleby, public domain), seed 0. The
 * result is an unsigned 32-bit integer.
 */
export function murmur3(id: string): number {
  // Most ids are ASCII. Their characters are their bytes, so they need no encoder.
  const blocks = id.length & ~3;
  let h = 0;
  let any = 0;
  for (let k = 0; k < blocks; k += 4) {
    const [a, b, c, d] = [id.charCodeAt(k), id.charCodeAt(k + 1), id.charCodeAt(k + 2), id.charCodeAt(k + 3)];
    any |= a | b | c | d;
    h = mixed(h, a | (b << 8) | (c << 16) | (d << 24));
  }
  let tail = 0;
  for (let k = id.length - 1; k >= blocks; k--) {
    const code = id.charCodeAt(k);
    any |= code;
    tail = (tail << 8) | code;
  }
  if (any <= 127) return finalMix(h ^ scramble(tail) ^ id.length);
  const bytes = encoder.encode(id);
  return murmur3OfBytes(bytes, 0, bytes.length);
}

/** `murmur3` of the bytes at `from` .. `to` - 1. */
export function murmur3OfBytes(bytes: Uint8Array, from: number, to: number): number {
  const tailFrom = to - ((to - from) & 3);
  let h = 0;
  for (let k = from; k < tailFrom; k += 4)
    h = mixed(h, bytes[k] | (bytes[k + 1] << 8) | (bytes[k + 2] << 16) | (bytes[k + 3] << 24));
  let tail = 0;
  for (let k = to - 1; k >= tailFrom; k--) tail = (tail << 8) | bytes[k];
  return finalMix(h ^ scramble(tail) ^ (to - from));
}

function mixed(hash: number, block: number): number {
  const h = hash ^ scramble(block);
  return Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64;
}

function scramble(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

/** MurmurHash3's finaliser: every input bit affects every output bit. */
function finalMix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A number in 0 .. 2^32-1 that depends on (seed, user, item) only. So all partitionings, numbers of
 * threads and languages keep the same entries. `user` and `item` are `murmur3` of the ids.
 */
export function entryHash(seed: number, user: number, item: number): number {
  return finalMix(finalMix(seed ^ user) ^ item);
}
