import { tableFromIPC, type RecordBatch } from "apache-arrow";
import { MAX_ID_BYTES } from "../../contracts/interactions.ts";
import { MAIN_TABLE, TABLE_NAMES, TABLES, type TableName } from "../../contracts/tables.ts";
import type { RankedModel } from "../ranking/ranker.ts";
import type { EncodedIds } from "./row-ids.ts";
import { noNeighbours, type NeighbourTable } from "./neighbour-table.ts";
import { murmur3, murmur3OfBytes } from "../text/hash.ts";
import { attributes } from "./attributes.ts";
import { checkedOffsets, checkRange, columnData, inChunks } from "./columns.ts";
import { scopesIn } from "./scopes.ts";

/**
 * A model in the recommender's memory. Its typed arrays are views of the snapshot's bytes. Only
 * `popularIn` is built.
 */
export interface Snapshot extends RankedModel, EncodedIds {
  /** The row of an item id, or -1. */
  find(id: string): number;
  nameOf(row: number): string | null;
  categoryName(category: number): string | null;
  /** The item's page and picture; null: unknown. */
  linkOf(row: number): string | null;
  imageOf(row: number): string | null;
}

/**
 * Opens the bytes of a snapshot file (format: encode.ts). It checks the shape and the bounds of all
 * indexes, so that a wrong file fails here and not during an answer. The caller checks the checksum
 * first.
 * @throws Error that names the misfit.
 */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  return atOnce(decodingSteps(bytes));
}

/** Runs steps to their end. */
export function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * `decodeSnapshot` in steps of a few milliseconds, so that a server can answer requests in between.
 */
export function* decodingSteps(bytes: Uint8Array): Generator<void, Snapshot> {
  const { batches } = tableFromIPC(bytes);
  if (batches.length !== 1)
    throw new Error(`a snapshot has one record batch, this file has ${batches.length}`);
  const batch = batches[0];
  const items = batch.numRows;
  const ids = yield* idColumn(batch);
  const slots = yield* integerColumn(batch, "slots", 2 * items, items);
  yield* checkSlots(slots, items);
  const tables = yield* neighbourTables(batch);
  const popular = yield* integerColumn(batch, "popular", items, items - 1);
  const users = yield* integerColumn(batch, "users", items, LARGEST_INT32);
  const textOf = (column: string) => {
    const texts = batch.getChild(column);
    return (row: number) => (texts?.get(row) ?? null) as string | null;
  };
  const catalogue = yield* attributes(batch, popular);
  const scopes = yield* scopesIn(batch);
  return {
    items,
    tableOf: (name) => tables[name],
    popular,
    users,
    ...createFinder(ids, slots),
    ...idReader(ids),
    nameOf: textOf("name"),
    linkOf: textOf("link"),
    imageOf: textOf("image"),
    ...catalogue,
    scopeItems: (name) => (catalogue.findCategory(name) < 0 ? scopes.get(name) : undefined),
  };
}

const LARGEST_INT32 = 2 ** 31 - 1;
const encoder = new TextEncoder();

interface IdColumn {
  offset: Int32Array;
  bytes: Uint8Array;
}

function* idColumn(batch: RecordBatch): Generator<void, IdColumn> {
  const { valueOffsets, values } = columnData(batch, "id");
  const offset = yield* checkedOffsets("id", valueOffsets, batch.numRows, values.length);
  yield* inChunks(batch.numRows, (from, to) => {
    for (let row = from; row < to; row++) {
      const length = offset[row + 1] - offset[row];
      if (length > MAX_ID_BYTES) throw new Error(`an id has ${length} bytes, not 1 to ${MAX_ID_BYTES}`);
    }
  });
  return { offset, bytes: values };
}

/** A snapshot from before a table was registered lacks its column. That table is then empty. */
function* neighbourTables(batch: RecordBatch): Generator<void, Record<TableName, NeighbourTable>> {
  const tables: Partial<Record<TableName, NeighbourTable>> = {};
  for (const name of TABLE_NAMES) {
    const { column } = TABLES[name];
    const isOlder = name !== MAIN_TABLE && !batch.getChild(column);
    tables[name] = isOlder ? noNeighbours(batch.numRows) : yield* neighbourColumn(batch, column);
  }
  return tables as Record<TableName, NeighbourTable>;
}

function* neighbourColumn(batch: RecordBatch, name: string): Generator<void, NeighbourTable> {
  const list = columnData(batch, name);
  const [item, score] = list.children[0].children.map((child: { values: Int32Array }) => child.values);
  const offset = yield* checkedOffsets(
    name,
    list.valueOffsets,
    batch.numRows,
    Math.min(item.length, score.length),
  );
  yield* checkRange(name, item, batch.numRows - 1);
  const length = offset[batch.numRows];
  return { offset, item: item.subarray(0, length), score: score.subarray(0, length) };
}

function* integerColumn(
  batch: RecordBatch,
  name: string,
  length: number,
  largest: number,
): Generator<void, Int32Array> {
  const data = columnData(batch, name);
  // Buffers are padded to 8 bytes: only `length` numbers count.
  const padded: Int32Array = data.children.length > 0 ? data.children[0].values : data.values;
  const values = padded.subarray(0, length);
  if (values.length !== length) throw new Error(`column ${name} has ${values.length} numbers, not ${length}`);
  yield* checkRange(name, values, largest);
  return values;
}

/** Each row must occur once. Then half of the slots are empty, so a search always ends. */
function* checkSlots(slots: Int32Array, items: number): Generator<void> {
  const isListed = new Uint8Array(items + 1);
  let listed = 0;
  yield* inChunks(slots.length, (from, to) => {
    for (let k = from; k < to; k++) {
      if (slots[k] === 0) continue;
      if (isListed[slots[k]]++) throw new Error("the hash table of ids does not list each row once");
      listed++;
    }
  });
  if (listed !== items) throw new Error("the hash table of ids does not list each row once");
}

function idReader({ offset, bytes }: IdColumn): EncodedIds {
  // For a short id this takes a third of TextDecoder's time.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    idOf: (row) => text.toString("utf8", offset[row], offset[row + 1]),
    idHashOf: (row) => murmur3OfBytes(bytes, offset[row], offset[row + 1]),
    copyId(row, into, at) {
      let end = at;
      for (let k = offset[row]; k < offset[row + 1]; k++) into[end++] = bytes[k];
      return end;
    },
  };
}

function createFinder({ offset, bytes }: IdColumn, slots: Int32Array) {
  const isId = (row: number, id: string) => {
    const start = offset[row];
    const length = offset[row + 1] - start;
    // Most ids are ASCII: their bytes are their characters. Encoding would cost more than the rest.
    for (let k = 0; k < id.length; k++) {
      const code = id.charCodeAt(k);
      // The encoder writes half a surrogate pair as U+FFFD. An id may contain U+FFFD itself.
      if (code > 127) return id.isWellFormed() && isEncoded(start, length, encoder.encode(id));
      if (k >= length || bytes[start + k] !== code) return false;
    }
    return length === id.length;
  };
  const isEncoded = (start: number, length: number, id: Uint8Array) => {
    if (length !== id.length) return false;
    for (let k = 0; k < length; k++) if (bytes[start + k] !== id[k]) return false;
    return true;
  };
  const placeOf = (id: string) => murmur3(id) % slots.length;
  const findFrom = (id: string, start: number) => {
    for (let place = start; slots[place] !== 0; place = (place + 1) % slots.length) {
      if (isId(slots[place] - 1, id)) return slots[place] - 1;
    }
    return -1;
  };
  /** Prefetched values are written here, so that a compiler cannot drop the reads. */
  const fetched = new Int32Array(1);
  return {
    find: (id: string) => (slots.length === 0 ? -1 : findFrom(id, placeOf(id))),
    findAll(ids: readonly string[]): number[] {
      if (slots.length === 0) return ids.map(() => -1);
      const found = ids.map(placeOf);
      // Prefetch: reads of distant memory overlap when nothing waits for one of them. Together they
      // take the time of a few.
      let any = 0;
      for (let k = 0; k < found.length; k++) any ^= bytes[offset[slots[found[k]]]];
      fetched[0] = any;
      for (let k = 0; k < found.length; k++) found[k] = findFrom(ids[k], found[k]);
      return found;
    },
  };
}
