import type { RecordBatch } from "apache-arrow";
import type { RecommenderModel } from "../ranking/answer.ts";
import { columnData, columnOf, inChunks } from "./columns.ts";

type Attributes = Pick<
  RecommenderModel,
  "findCategory" | "categoryOf" | "popularIn" | "priceOf" | "isAvailable"
> & { categoryName(category: number): string | null };

/** Reads the catalogue columns in place. It also groups the rows of each category by popularity. */
export function* attributes(batch: RecordBatch, popular: Int32Array): Generator<void, Attributes> {
  const category = columnData(batch, "category");
  const codes = category.values as Int32Array;
  const isCategorised = bits(category.nullBitmap);
  const names = [...(category.dictionary ?? [])] as string[];
  const categoryOf = (row: number) => (isCategorised(row) ? codes[row] : -1);
  yield* inChunks(popular.length, (from, to) => {
    for (let row = from; row < to; row++) {
      if (categoryOf(row) >= -1 && categoryOf(row) < names.length) continue;
      throw new Error(`column category has ${codes[row]}, not 0 to ${names.length - 1}`);
    }
  });
  const codeOf = new Map(names.map((name, code) => [name, code]));

  const price = columnOf(batch, "price");
  const prices = price.data[0].values as Float64Array;
  const isPriced = bits(price.data[0].nullBitmap);
  const available = bits(columnData(batch, "available").values as Uint8Array);
  return {
    findCategory: (name) => codeOf.get(name) ?? -1,
    categoryName: (code) => names[code] ?? null,
    categoryOf,
    popularIn: yield* grouped(popular, names.length, categoryOf),
    priceOf: (row) => (isPriced(row) ? prices[row] : NaN),
    isAvailable: available,
  };
}

/** Reads a bitmap of Arrow's. A missing bitmap stands for all ones. */
function bits(bitmap: Uint8Array | undefined): (row: number) => boolean {
  if (!bitmap || bitmap.length === 0) return () => true;
  return (row) => ((bitmap[row >> 3] >> (row & 7)) & 1) === 1;
}

/** The rows of each group, in the order of `rows`. */
function* grouped(
  rows: Int32Array,
  groups: number,
  groupOf: (row: number) => number,
): Generator<void, (group: number) => Int32Array> {
  const start = new Int32Array(groups + 1);
  yield* inChunks(rows.length, (from, to) => {
    for (let k = from; k < to; k++) if (groupOf(rows[k]) >= 0) start[groupOf(rows[k]) + 1]++;
  });
  for (let group = 0; group < groups; group++) start[group + 1] += start[group];
  const sorted = new Int32Array(start[groups]);
  const next = start.slice();
  yield* inChunks(rows.length, (from, to) => {
    for (let k = from; k < to; k++) if (groupOf(rows[k]) >= 0) sorted[next[groupOf(rows[k])]++] = rows[k];
  });
  return (group) => sorted.subarray(start[group], start[group + 1]);
}
