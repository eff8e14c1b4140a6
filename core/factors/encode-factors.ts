import {
  Field,
  FixedSizeList,
  Float32,
  Int32,
  List,
  Schema,
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
import type { AlsKnobs } from "../../contracts/settings/als.ts";
import type { FactorRows } from "./factor-rows.ts";

/** What a fold-in must know about a training. A file of items has it as metadata. */
export type TrainedFor = Pick<AlsKnobs, "regularization" | "exponent" | "unobserved" | "eventWeights">;

/** The key of the metadata. */
export const TRAINED_FOR = "trainedFor";

/** A list of the item file's rows for each user: user u has offset[u] .. offset[u + 1] - 1. */
export interface Histories {
  offset: Int32Array;
  item: Int32Array;
  /** The weight v of each entry. */
  weight: Float32Array;
}

/** Bought items, in the same form. */
export type Bought = Omit<Histories, "weight">;

export interface Users {
  /** Sorted by their UTF-8 bytes. */
  ids: string[];
  factors: FactorRows;
  histories: Histories;
  bought: Bought;
}

/**
 * Encodes the items' factors: an Arrow IPC file of one uncompressed record batch, which has the
 * snapshot's rows in the snapshot's order:
 *
 *     vector   FixedSizeList<Float32>[factors]   zeros: an item without factors
 *
 * The vectors lie in the basis in which their Gram matrix is diagonal.
 */
export function encodeItemFactors(items: FactorRows, trainedFor: TrainedFor): Uint8Array {
  return encode({ vector: vectors(items) }, { [TRAINED_FOR]: JSON.stringify(trainedFor) });
}

/**
 * Encodes the users' factors, in the same basis, sorted by id:
 *
 *     id        Utf8
 *     vector    FixedSizeList<Float32>[factors]
 *     history   List<Struct<item: Int32, weight: Float32>>   item: a row of the items' file
 *     bought    List<Int32>                                   the items with a purchase
 */
export function encodeUserFactors({ ids, factors, histories, bought }: Users): Uint8Array {
  return encode({
    id: vectorFromArray(ids, new Utf8()),
    vector: vectors(factors),
    history: makeVector(lists(histories.offset, entries(histories))),
    bought: makeVector(lists(bought.offset, integers(bought.item))),
  });
}

function encode(columns: Record<string, unknown>, metadata: Record<string, string> = {}): Uint8Array {
  const { schema, batches } = new Table(columns as never);
  return tableToIPC(
    new Table(new Schema(schema.fields, new Map(Object.entries(metadata))), batches as never),
    "file",
  );
}

function vectors({ rows, factors, values }: FactorRows) {
  const type = new FixedSizeList(factors, new Field("value", new Float32(), false));
  const child = makeData({ type: new Float32(), data: values });
  return makeVector(makeData({ type, length: rows, nullCount: 0, child }));
}

const integers = (data: Int32Array) => makeData({ type: new Int32(), data });

function entries({ item, weight }: Histories): Data<DataType> {
  const type = new Struct([
    new Field("item", new Int32(), false),
    new Field("weight", new Float32(), false),
  ]) as Struct;
  const children = [integers(item), makeData({ type: new Float32(), data: weight })];
  return makeData({ type, length: item.length, nullCount: 0, children: children as never });
}

function lists(valueOffsets: Int32Array, child: Data<DataType>): Data<DataType> {
  const type = new List(new Field("entry", child.type, false));
  return makeData({ type, length: valueOffsets.length - 1, nullCount: 0, valueOffsets, child });
}
