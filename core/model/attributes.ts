import type { RecordBatch } from "apache-arrow";
import type { RankedModel } from "../ranking/ranker.ts";
import { IN_STOCK, SOLD_OUT, UNKNOWN, type Stock } from "../ranking/stock.ts";
import { columnData, columnOf, inChunks } from "./columns.ts";
import { furtherCategories, variantGroups, type FurtherCategories } from "./feed-columns.ts";

type Attributes = Pick<
  RankedModel,
  "findCategory" | "categoryOf" | "isIn" | "popularIn" | "stock" | "variants"
> & {
  categoryName(category: number): string | null;
};

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
  const further = yield* furtherCategories(batch, names.length);
  return {
    findCategory: (name) => codeOf.get(name) ?? -1,
    categoryName: (code) => names[code] ?? null,
    categoryOf,
    isIn: (row, code) => categoryOf(row) === code || (further !== null && has(further, row, code)),
    popularIn: yield* grouped(popular, names.length, categoryOf, further),
    stock: yield* stockIn(batch),
    variants: yield* variantGroups(batch),
  };
}

function has({ offset, codes }: FurtherCategories, row: number, code: number): boolean {
  for (let k = offset[row]; k < offset[row + 1]; k++) if (codes[k] === code) return true;
  return false;
}

function* stockIn(batch: RecordBatch): Generator<void, Stock> {
  const price = columnOf(batch, "price");
  const prices = price.data[0].values as Float64Array;
  const isPriced = bits(price.data[0].nullBitmap);
  const available = columnData(batch, "available");
  const [isKnown, isIn] = [bits(available.nullBitmap), bits(available.values as Uint8Array)];
  const availability = new Uint8Array(batch.numRows);
  const counts = [0, 0, 0];
  yield* inChunks(availability.length, (from, to) => {
    for (let row = from; row < to; row++) {
      availability[row] = isKnown(row) ? (isIn(row) ? IN_STOCK : SOLD_OUT) : UNKNOWN;
      counts[availability[row]]++;
    }
  });
  const priceOf = (row: number) => (isPriced(row) ? prices[row] : NaN);
  return { availability, unknown: counts[UNKNOWN], soldOut: counts[SOLD_OUT], priceOf };
}

/** Reads a bitmap of Arrow's. A missing bitmap stands for all ones. */
function bits(bitmap: Uint8Array | undefined): (row: number) => boolean {
  if (!bitmap || bitmap.length === 0) return () => true;
  return (row) => ((bitmap[row >> 3] >> (row & 7)) & 1) === 1;
}

/** The rows of each category, in the order of `rows`. A row may be in several. */
function* grouped(
  rows: Int32Array,
  groups: number,
  categoryOf: (row: number) => number,
  further: FurtherCategories | null,
): Generator<void, (group: number) => Int32Array> {
  const start = new Int32Array(groups + 1);
  const eachGroup = (row: number, take: (group: number) => void) => {
    if (categoryOf(row) >= 0) take(categoryOf(row));
    if (further) for (let k = further.offset[row]; k < further.offset[row + 1]; k++) take(further.codes[k]);
  };
  const count = (group: number) => void start[group + 1]++;
  yield* inChunks(rows.length, (from, to) => {
    for (let k = from; k < to; k++) eachGroup(rows[k], count);
  });
  for (let group = 0; group < groups; group++) start[group + 1] += start[group];
  const sorted = new Int32Array(start[groups]);
  const next = start.slice();
  yield* inChunks(rows.length, (from, to) => {
    for (let k = from; k < to; k++) eachGroup(rows[k], (group) => (sorted[next[group]++] = rows[k]));
  });
  return (group) => sorted.subarray(start[group], start[group + 1]);
}
