import {
  Dictionary,
  Field,
  Int32,
  List,
  Utf8,
  makeData,
  makeVector,
  vectorFromArray,
  type RecordBatch,
} from "apache-arrow";
import { checkedOffsets, checkRange, columnData, inChunks } from "./columns.ts";
import type { Catalogue, FeedColumns } from "./encode.ts";

/**
 * The snapshot's columns of what only a shop's own catalogue says. A snapshot without them comes
 * from a night without a catalogue.
 *
 *     categories   List<Int32>   further categories: places in the dictionary of `category`
 *     link, image  Utf8
 *     group        Int32         variants of one product have the same number; -1: no variant
 */
export function feedColumns({ link, image, group }: FeedColumns) {
  return {
    link: vectorFromArray(link, new Utf8()),
    image: vectorFromArray(image, new Utf8()),
    group: makeVector(makeData({ type: new Int32(), data: group })),
  };
}

const INT32 = new Int32();

/** The main category of each item, as a dictionary, and further ones. */
export function categoryColumns({ category, feed }: Pick<Catalogue, "category" | "feed">) {
  const type = new Dictionary(new Utf8(), INT32, 0);
  if (!feed) return { category: vectorFromArray(category, type) };
  const codes = new Map<string, number>();
  const codeOf = (name: string) => {
    const code = codes.get(name) ?? codes.size;
    codes.set(name, code);
    return code;
  };
  const main = Int32Array.from(category, (name) => (name === null ? 0 : codeOf(name)));
  const further = feed.categories.map((names) => names.map(codeOf));
  const valueOffsets = new Int32Array(category.length + 1);
  further.forEach((list, row) => (valueOffsets[row + 1] = valueOffsets[row] + list.length));
  const child = makeData({ type: INT32, data: Int32Array.from(further.flat()) });
  return {
    category: makeVector(
      makeData({
        type,
        length: category.length,
        nullCount: category.filter((name) => name === null).length,
        nullBitmap: bitmap(category),
        data: main,
        dictionary: vectorFromArray([...codes.keys()], new Utf8()),
      }),
    ),
    categories: makeVector(
      makeData({
        type: new List(new Field("category", INT32, false)),
        length: category.length,
        nullCount: 0,
        valueOffsets,
        child,
      }),
    ),
  };
}

/** Arrow's bitmap of the values that are not null. */
function bitmap(values: readonly unknown[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (value !== null) bits[row >> 3] |= 1 << (row & 7);
  });
  return bits;
}

/** Further categories of each row: codes[offset[row]] to codes[offset[row + 1] - 1]. */
export interface FurtherCategories {
  offset: Int32Array;
  codes: Int32Array;
}

/** Reads the column `categories`; null without one. */
export function* furtherCategories(
  batch: RecordBatch,
  names: number,
): Generator<void, FurtherCategories | null> {
  if (!batch.getChild("categories")) return null;
  const { valueOffsets, children } = columnData(batch, "categories");
  const values = children[0].values as Int32Array;
  const offset = yield* checkedOffsets("categories", valueOffsets, batch.numRows, values.length);
  const codes = values.subarray(0, offset[batch.numRows]);
  yield* checkRange("categories", codes, names - 1);
  return { offset, codes };
}

/** Reads the column `group`; null where no two items are variants of one product. */
export function* variantGroups(batch: RecordBatch): Generator<void, Int32Array | null> {
  if (!batch.getChild("group")) return null;
  const groups = (columnData(batch, "group").values as Int32Array).subarray(0, batch.numRows);
  let largest = -1;
  yield* inChunks(groups.length, (from, to) => {
    for (let row = from; row < to; row++) if (groups[row] > largest) largest = groups[row];
  });
  return largest < 0 ? null : groups;
}
