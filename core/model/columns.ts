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

/** @throws Error unless the lists are in order, within `length` values. */
export function* checkedOffsets(
  name: string,
  padded: Int32Array,
  rows: number,
  length: number,
): Generator<void, Int32Array> {
  const offset = padded.subarray(0, rows + 1);
  let fits = offset.length === rows + 1 && offset[0] === 0 && offset[rows] <= length;
  yield* inChunks(rows, (from, to) => {
    for (let row = from; fits && row < to; row++) fits = offset[row] <= offset[row + 1];
  });
  if (!fits) throw new Error(`the lists of column ${name} are out of order or out of bounds`);
  return offset;
}

/** @throws Error for a value below 0 or above `largest`. */
export function* checkRange(name: string, values: Int32Array, largest: number): Generator<void> {
  yield* inChunks(values.length, (from, to) => {
    for (let k = from; k < to; k++) {
      // As an unsigned number, a negative one is too large as well.
      if (values[k] >>> 0 > largest) throw new Error(`column ${name} has ${values[k]}, not 0 to ${largest}`);
    }
  });
}
