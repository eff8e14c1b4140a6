/** Bytes at the beginning of a text, by which its layout is known. */
export const HEAD = 1 << 18;

/** True if the text may go on behind its head. A character may have been cut in two. */
export const isCut = (head: string): boolean => Buffer.byteLength(head) > HEAD - 4;
