import { hash } from "node:crypto";

/** SHA-256's block. */
const BLOCK = 64;

/** Signs what is written into `message`. */
export interface Hmac {
  message: Buffer;
  /** Of the first so many bytes of the message, as base64url. */
  digest(length: number): string;
}

/**
 * HMAC-SHA-256 (RFC 2104) of messages of at most so many bytes, with the key and the memory prepared once: Node's own createHmac
 * makes an object of the key for each call, which costs a request more than all of its scoring.
 */
export function createHmacSha256(key: Uint8Array, capacity: number): Hmac {
  const block = Buffer.alloc(BLOCK);
  block.set(key.length > BLOCK ? hash("sha256", key, "buffer") : key);
  const pad = (byte: number, length: number) =>
    Buffer.concat([block.map((one) => one ^ byte), Buffer.alloc(length)]);
  const inner = pad(0x36, capacity);
  const outer = pad(0x5c, 32);
  return {
    message: inner.subarray(BLOCK),
    digest(length) {
      // As text, a character a byte: a buffer of its own for each hash costs more than hashing.
      outer.write(hash("sha256", inner.subarray(0, BLOCK + length), "binary"), BLOCK, "latin1");
      return hash("sha256", outer, "base64url");
    },
  };
}
