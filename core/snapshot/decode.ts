import { tableFromIPC, type RecordBatch } from "apache-arrow";
import type { NeighbourTable } from "../recommend.ts";
import { murmur3 } from "../similarity/hash.ts";

/** A model as the recommender holds it: typed-array views of the snapshot's bytes, nothing copied. */
export interface Snapshot {
  items: number;
  similar: NeighbourTable;
  together: NeighbourTable;
  /** Items by falling popularity. */
  popular: Int32Array;
  users: Int32Array;
  /** The row of an item id, or -1. */
  find(id: string): number;
  idOf(row: number): string;
  nameOf(row: number): string | null;
  categoryOf(row: number): string | null;
}

/**
 * Views a snapshot file (see encode.ts for the format). Check the file's checksum first: this checks the shape and
 * that every index is in bounds, so that a wrong file fails here and not while answering.
 * @throws Error that says what does not fit.
 */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const { batches } = tableFromIPC(bytes);
  if (batches.length !== 1)
    throw new Error(`a snapshot has one record batch, this file has ${batches.length}`);
  const batch = batches[0];
  const items = batch.numRows;
  const ids = stringColumn(batch, "id");
  const slots = integerColumn(batch, "slots", 2 * items, items);
  checkSlots(slots, items);
  const text = (name: string) => {
    const vector = batch.getChild(name);
    if (!vector) throw new Error(`the snapshot has no column ${name}`);
    return (row: number): string | null => vector.get(row);
  };
  return {
    items,
    similar: neighbourColumn(batch, "similar"),
    together: neighbourColumn(batch, "together"),
    popular: integerColumn(batch, "popular", items, items - 1),
    users: integerColumn(batch, "users", items, Infinity),
    find: createFinder(ids, slots),
    idOf: (row) => decoder.decode(ids.bytes.subarray(ids.offset[row], ids.offset[row + 1])),
    nameOf: text("name"),
    categoryOf: text("category"),
  };
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

interface StringColumn {
  offset: Int32Array;
  bytes: Uint8Array;
}

function columnData(batch: RecordBatch, name: string) {
  const data = batch.getChild(name)?.data[0];
  if (!data) throw new Error(`the snapshot has no column ${name}`);
  return data;
}

function stringColumn(batch: RecordBatch, name: string): StringColumn {
  const { valueOffsets, values } = columnData(batch, name);
  return { offset: checkedOffsets(name, valueOffsets, batch.numRows, values.length), bytes: values };
}

function neighbourColumn(batch: RecordBatch, name: string): NeighbourTable {
  const list = columnData(batch, name);
  const [item, score] = list.children[0].children.map((child: { values: Int32Array }) => child.values);
  const offset = checkedOffsets(name, list.valueOffsets, batch.numRows, Math.min(item.length, score.length));
  checkRange(name, item, batch.numRows - 1);
  const length = offset[batch.numRows];
  return { offset, item: item.subarray(0, length), score: score.subarray(0, length) };
}

function integerColumn(batch: RecordBatch, name: string, length: number, largest: number): Int32Array {
  const data = columnData(batch, name);
  // Buffers are padded to 8 bytes: only `length` numbers count.
  const padded: Int32Array = data.children.length > 0 ? data.children[0].values : data.values;
  const values = padded.subarray(0, length);
  if (values.length !== length) throw new Error(`column ${name} has ${values.length} numbers, not ${length}`);
  checkRange(name, values, largest);
  return values;
}

function checkedOffsets(name: string, padded: Int32Array, rows: number, length: number): Int32Array {
  const offset = padded.subarray(0, rows + 1);
  let fits = offset.length === rows + 1 && offset[0] === 0 && offset[rows] <= length;
  for (let row = 0; fits && row < rows; row++) fits = offset[row] <= offset[row + 1];
  if (!fits) throw new Error(`the lists of column ${name} are out of order or out of bounds`);
  return offset;
}

function checkRange(name: string, values: Int32Array, largest: number): void {
  for (let k = 0; k < values.length; k++) {
    if (values[k] < 0 || values[k] > largest)
      throw new Error(`column ${name} has ${values[k]}, not 0 to ${largest}`);
  }
}

/** Every row once, and so as many empty slots: a search always ends. */
function checkSlots(slots: Int32Array, items: number): void {
  const rows = new Set(slots);
  rows.delete(0);
  const filled = slots.reduce((sum, slot) => sum + (slot === 0 ? 0 : 1), 0);
  if (filled !== items || rows.size !== items)
    throw new Error("the hash table of ids does not list each row once");
}

function createFinder({ offset, bytes }: StringColumn, slots: Int32Array): (id: string) => number {
  const isId = (row: number, id: Uint8Array) => {
    const start = offset[row];
    if (offset[row + 1] - start !== id.length) return false;
    for (let k = 0; k < id.length; k++) if (bytes[start + k] !== id[k]) return false;
    return true;
  };
  return (id) => {
    if (slots.length === 0) return -1;
    const wanted = encoder.encode(id);
    let place = murmur3(id) % slots.length;
    for (; slots[place] !== 0; place = (place + 1) % slots.length) {
      if (isId(slots[place] - 1, wanted)) return slots[place] - 1;
    }
    return -1;
  };
}
