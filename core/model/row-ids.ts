/** The item ids of a model's rows. */
export interface RowIds {
  idOf(row: number): string;
}

/**
 * The ids as the snapshot's id column holds them. Answers are signed and written from here: a text
 * for each id would take a request longer than its scoring.
 */
export interface EncodedIds extends RowIds {
  /** murmur3 of the id's UTF-8. */
  idHashOf(row: number): number;
  /** Copies the id's UTF-8, at most MAX_ID_BYTES, to `at`. Returns the place after it. */
  copyId(row: number, into: Uint8Array, at: number): number;
}
