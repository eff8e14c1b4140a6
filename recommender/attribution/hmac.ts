import { hash } from "node:crypto";

/** SHA-256's block. */
const BLOCK = 64;
/** Messages up to so many bytes, which most are, need no memory of their own. */
const SHORT = 1024;

/**
 * HMAC-SHA-256 (RFC 2104) with the key prepared once. Node's own createHmac makes an object of the key for each call,
 * which costs a request more than all of its scoring.
 */
export function createHmacSha256(key: Uint8Array): (data: Uint8Array) => Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(key.length > BLOCK ? hash("sha256", key, "buffer") : key);
  const inner = block.map((byte) => byte ^ 0x36);
  const outer = block.map((byte) => byte ^ 0x5c);
  const withInner = Buffer.concat([inner, Buffer.alloc(SHORT)]);
  const withOuter = Buffer.concat([outer, Buffer.alloc(32)]);
  return (data) => {
    let message = withInner.subarray(0, BLOCK + data.length);
    if (data.length > SHORT) message = Buffer.concat([inner, data]);
    else withInner.set(data, BLOCK);
    // As text, a character a byte: a buffer of its own for each hash costs more than hashing.
    withOuter.write(hash("sha256", message, "binary"), BLOCK, "latin1");
    return Buffer.from(hash("sha256", withOuter, "binary"), "latin1");
  };
}
