import type { RecordBatch, Vector } from "apache-arrow";

/** @throws Error when the batch has no such column. */
export function columnOf(batch: RecordBatch, name: string): Vector {
  const column = batch.getChild(name);
  if (!column) throw new Error(`the snapshot has no column ${name}`);
  return column;
}

export function columnData(batch: RecordBatch, name: string) {
  const data = columnOf(batch, name).data[0];
  if (!data) throw new Error(`the column ${name} of the snapshot has no data`);
  return data;
}

/** A simple loop takes one or two milliseconds for this many numbers. */
const CHUNK = 1 << 17;

/** Calls `work` for 0 to `length` in chunks. It yields after each chunk. */
export function* inChunks(length: number, work: (from: number, to: number) => void): Generator<void> {
  for (let from = 0; from < length; from += CHUNK) {
    work(from, Math.min(from + CHUNK, length));
    yield;
  }
}
