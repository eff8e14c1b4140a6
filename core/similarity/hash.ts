const encoder = new TextEncoder();

/** MurmurHash3_x86_32 (Austin Appleby, public domain) with seed 0, of an id's UTF-8 bytes: an unsigned 32-bit integer. */
export function murmur3(id: string): number {
  if (id.length > ascii.length) return hashOf(encoder.encode(id));
  // Most ids are short and ASCII: their bytes need no encoder.
  for (let k = 0; k < id.length; k++) {
    const code = id.charCodeAt(k);
    if (code > 127) return hashOf(encoder.encode(id));
    ascii[k] = code;
  }
  return hashOf(ascii, id.length);
}

const ascii = new Uint8Array(256);

function hashOf(bytes: Uint8Array, length = bytes.length): number {
  const blocks = length & ~3;
  let h = 0;
  for (let k = 0; k < blocks; k += 4) {
    h ^= scramble(bytes[k] | (bytes[k + 1] << 8) | (bytes[k + 2] << 16) | (bytes[k + 3] << 24));
    h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let k = length - 1; k >= blocks; k--) tail = (tail << 8) | bytes[k];
  return finalMix(h ^ scramble(tail) ^ length);
}

function scramble(block: number): number {
  const k = Math.imul(block, 0xcc9e2d51);
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593);
}

/** MurmurHash3's finaliser: every input bit moves every output bit. */
function finalMix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A number in 0 .. 2^32-1 that only (seed, user, item) decides, so that any partitioning, number of threads or
 * language keeps the same entries. `user` and `item` are `murmur3` of the ids.
 */
export function entryHash(seed: number, user: number, item: number): number {
  return finalMix(finalMix(seed ^ user) ^ item);
}
