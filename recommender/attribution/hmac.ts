import { hash } from "node:crypto";

/** SHA-256's block. */
const BLOCK = 64;

/** Characters of base64url that a whole HMAC-SHA-256 has. */
const WHOLE = 43;

/** Signs messages, and keeps its memory to itself: nothing that it returns changes later. */
export interface Hmac {
  /**
   * Has a message written, and returns it and its MAC as one text of base64url. The message should
   * have a multiple of three bytes, so that the text can be taken apart again.
   * @param write puts the message into the buffer and returns its length; it must not keep the
   *   buffer
   */
  sign<M>(write: (into: Buffer, message: M) => number, message: M): string;
  /** The MAC of a message, in base64url. */
  macOf(message: Uint8Array): string;
}

/**
 * HMAC-SHA-256 (RFC 2104) of messages of at most `capacity` bytes. The key and the memory are
 * prepared once: Node's own createHmac makes an object of the key for each call, which costs a
 * request more than its scoring.
 * @param length characters that are kept of each MAC
 */
export function createHmacSha256(key: Uint8Array, capacity: number, length = WHOLE): Hmac {
  const block = Buffer.alloc(BLOCK);
  block.set(key.length > BLOCK ? hash("sha256", key, "buffer") : key);
  const pad = (byte: number, length: number) =>
    Buffer.concat([block.map((one) => one ^ byte), Buffer.alloc(length)]);
  const inner = pad(0x36, capacity);
  const outer = pad(0x5c, 32);
  const room = inner.subarray(BLOCK);

  function macOfFirst(bytes: number): string {
    // As text, a character a byte: a buffer of its own for each hash costs more than hashing.
    outer.write(hash("sha256", inner.subarray(0, BLOCK + bytes), "binary"), BLOCK, "latin1");
    return hash("sha256", outer, "base64url").slice(0, length);
  }

  return {
    sign(write, message) {
      const bytes = write(room, message);
      return room.toString("base64url", 0, bytes) + macOfFirst(bytes);
    },
    macOf(message) {
      room.set(message);
      return macOfFirst(message.length);
    },
  };
}
