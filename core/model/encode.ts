import {
  Bool,
  Field,
  FixedSizeList,
  Float64,
  Int32,
  List,
  Struct,
  Table,
  Utf8,
  makeData,
  makeVector,
  tableToIPC,
  vectorFromArray,
  type Data,
  type DataType,
} from "apache-arrow";
import { TABLE_NAMES, TABLES, type TableName } from "../../contracts/tables.ts";
import type { NeighbourTable } from "./neighbour-table.ts";
import { popularityOrder } from "../ranking/popular.ts";
import { categoryColumns, feedColumns } from "./feed-columns.ts";
import { scopeColumn, type Scopes } from "./scopes.ts";
import { murmur3 } from "../text/hash.ts";

/** A shop's data of its items: one entry for each item. Null means unknown. */
export interface Catalogue {
  name: (string | null)[];
  category: (string | null)[];
  price: (number | null)[];
  available: (boolean | null)[];
  /** What only the shop's own catalogue says. Absent: the night had none. */
  feed?: FeedColumns;
  /** Numbers of distinct users, view events and purchase events in the model's days. */
  users: Int32Array;
  views: Int32Array;
  purchases: Int32Array;
}

/** What a shop's own catalogue says beside the rest: one entry for each item. */
export interface FeedColumns {
  /** Categories beside the main one. */
  categories: (readonly string[])[];
  link: (string | null)[];
  image: (string | null)[];
  /** Variants of one product have the same number, 0 or more; -1: no variant. */
  group: Int32Array;
}

/** The content of a snapshot. Items are sorted by the UTF-8 bytes of their ids. */
export interface Model {
  ids: string[];
  tables: Record<TableName, NeighbourTable>;
  catalogue: Catalogue;
  /** Absent: users have no scopes. */
  scopes?: Scopes;
}

/**
 * Encodes a model's snapshot: an Arrow IPC file of one uncompressed record batch. Each item has one
 * row:
 *
 *     id           Utf8                              sorted by bytes
 *     one column   List<Struct<item, score: Int32>>  item: a row of the file; score: millionths;
 *     a table                                        best first
 *     name, category (dictionary), price, available, users, views, purchases
 *     categories, link, image, group             see feed-columns.ts; only with a catalogue
 *     popular      Int32                             row k: the k-th most popular item
 *     slots        FixedSizeList<Int32>[2]           a hash table of 2 x rows places: row + 1, or 0
 *                                                    when empty; an id's first place is
 *                                                    murmur3(id) mod size, then the next ones
 *     scopes       see scopes.ts                     only where users have scopes
 *
 * A reader builds nothing: every column is a view of the file's bytes.
 */
export function encodeSnapshot({ ids, tables, catalogue, scopes }: Model): Uint8Array {
  const own = ownBuffers();
  const int32 = (data: Int32Array) => makeVector(makeData({ type: new Int32(), data: own(data) }));
  const columns = {
    id: vectorFromArray(ids, new Utf8()),
    ...Object.fromEntries(
      TABLE_NAMES.map((name) => [TABLES[name].column, makeVector(neighbourLists(tables[name], own))]),
    ),
    name: vectorFromArray(catalogue.name, new Utf8()),
    ...categoryColumns(catalogue),
    price: vectorFromArray(catalogue.price, new Float64()),
    available: vectorFromArray(catalogue.available, new Bool()),
    users: int32(catalogue.users),
    views: int32(catalogue.views),
    purchases: int32(catalogue.purchases),
    popular: int32(popularityOrder(catalogue.users)),
    slots: makeVector(pairs(hashSlots(ids))),
    ...(catalogue.feed ? feedColumns(catalogue.feed) : {}),
    ...(scopes ? { scopes: makeVector(scopeColumn(scopes, ids.length)) } : {}),
  };
  return tableToIPC(new Table(columns as never), "file");
}

/**
 * apache-arrow writes a wrong file when two columns share a buffer. So the second column gets a
 * copy.
 */
function ownBuffers(): (data: Int32Array) => Int32Array {
  const seen = new Set<ArrayBufferLike>();
  return (data) => (seen.has(data.buffer) ? data.slice() : (seen.add(data.buffer), data));
}

function neighbourLists(
  { offset, item, score }: NeighbourTable,
  own: (data: Int32Array) => Int32Array,
): Data<DataType> {
  const int32 = new Int32();
  const struct = new Struct([new Field("item", int32, false), new Field("score", int32, false)]);
  const children = [makeData({ type: int32, data: own(item) }), makeData({ type: int32, data: own(score) })];
  const child = makeData({ type: struct, length: item.length, nullCount: 0, children: children as never });
  const type = new List(new Field("neighbour", struct, false));
  return makeData({ type, length: offset.length - 1, nullCount: 0, valueOffsets: own(offset), child });
}

function pairs(slots: Int32Array): Data<DataType> {
  const child = makeData({ type: new Int32(), data: slots });
  const type = new FixedSizeList(2, new Field("slot", new Int32(), false));
  return makeData({ type, length: slots.length / 2, nullCount: 0, child });
}

function hashSlots(ids: string[]): Int32Array {
  const slots = new Int32Array(2 * ids.length);
  ids.forEach((id, row) => {
    let place = murmur3(id) % slots.length;
    while (slots[place] !== 0) place = (place + 1) % slots.length;
    slots[place] = row + 1;
  });
  return slots;
}
