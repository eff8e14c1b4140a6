import { tableFromIPC, type RecordBatch } from "apache-arrow";
import { columnData, inChunks } from "../model/columns.ts";
import { TRAINED_FOR, type Bought, type Histories, type TrainedFor } from "./encode-factors.ts";
import type { FactorRows } from "./factor-rows.ts";

/** The users of a model, as views of the file's bytes. */
export interface FactorUsers {
  factors: FactorRows;
  histories: Histories;
  bought: Bought;
  /** The row of a user's id, or -1. */
  find(id: string): number;
  idOf(row: number): string;
}

/** The items of a model, as views of the file's bytes. */
export type FactorItems = FactorRows & { trainedFor: TrainedFor };

/**
 * Opens the bytes of an items' file (format: encode-factors.ts), in steps of a few milliseconds.
 * @param rows of the snapshot: the file must have as many.
 * @throws Error that names the misfit.
 */
export function* decodingItemFactors(bytes: Uint8Array, rows: number): Generator<void, FactorItems> {
  const { batch, metadata } = oneBatch(bytes);
  if (batch.numRows !== rows)
    throw new Error(`the factors have ${batch.numRows} items, the snapshot has ${rows}`);
  const trainedFor = metadata.get(TRAINED_FOR);
  if (trainedFor === undefined) throw new Error("the factors do not say what they were trained for");
  return { ...(yield* vectorColumn(batch)), trainedFor: JSON.parse(trainedFor) as TrainedFor };
}

/**
 * Opens the bytes of a users' file, in steps of a few milliseconds. All indexes are checked.
 * @param items the file of the same model; without it, whether the two fit is not checked.
 * @throws Error that names the misfit.
 */
export function* decodingUserFactors(
  bytes: Uint8Array,
  items?: Pick<FactorRows, "rows" | "factors">,
): Generator<void, FactorUsers> {
  const { batch } = oneBatch(bytes);
  const factors = yield* vectorColumn(batch);
  if (items && factors.factors !== items.factors)
    throw new Error(`users have ${factors.factors} factors, items have ${items.factors}`);
  const history = columnData(batch, "history");
  const [item, weight] = history.children[0].children.map((child) => child.values as never);
  const bought = columnData(batch, "bought");
  const rows = items?.rows ?? Infinity;
  const histories = yield* listColumn("history", batch, history.valueOffsets, item, rows);
  return {
    factors,
    histories: { ...histories, weight },
    bought: yield* listColumn("bought", batch, bought.valueOffsets, bought.children[0].values, rows),
    ...(yield* idColumn(batch)),
  };
}

function oneBatch(bytes: Uint8Array): { batch: RecordBatch; metadata: Map<string, string> } {
  const { batches, schema } = tableFromIPC(bytes);
  if (batches.length !== 1)
    throw new Error(`a file of factors has one record batch, this one has ${batches.length}`);
  return { batch: batches[0], metadata: schema.metadata };
}

function* vectorColumn(batch: RecordBatch): Generator<void, FactorRows> {
  const data = columnData(batch, "vector");
  const factors = (data.type as unknown as { listSize: number }).listSize;
  const rows = batch.numRows;
  const values = (data.children[0].values as Float32Array).subarray(0, rows * factors);
  if (values.length !== rows * factors)
    throw new Error(`the vectors have ${values.length} numbers, not ${rows} x ${factors}`);
  yield* inChunks(values.length, (from, to) => {
    for (let k = from; k < to; k++)
      if (!Number.isFinite(values[k])) throw new Error("a vector has a value that is no finite number");
  });
  return { rows, factors, values };
}

function* listColumn(
  name: string,
  batch: RecordBatch,
  offsets: Int32Array,
  item: Int32Array,
  items: number,
): Generator<void, Bought> {
  const rows = batch.numRows;
  const offset = offsets.subarray(0, rows + 1);
  let fits = offset.length === rows + 1 && offset[0] === 0 && offset[rows] <= item.length;
  yield* inChunks(rows, (from, to) => {
    for (let row = from; fits && row < to; row++) fits = offset[row] <= offset[row + 1];
  });
  yield* inChunks(fits ? offset[rows] : 0, (from, to) => {
    // As an unsigned number, a negative one is too large as well.
    for (let k = from; fits && k < to; k++) fits = item[k] >>> 0 < items;
  });
  if (!fits) throw new Error(`the lists of column ${name} are out of order or out of bounds`);
  return { offset, item: item.subarray(0, offset[rows]) };
}

/** Comparing two ids takes as long as this many simple checks. */
const CHECKS = 64;

/** Ids are sorted by their bytes: half of the rest goes with each look. */
function* idColumn(batch: RecordBatch): Generator<void, Pick<FactorUsers, "find" | "idOf">> {
  const { valueOffsets: offset, values } = columnData(batch, "id");
  const bytesOf = (row: number) => values.subarray(offset[row], offset[row + 1]) as Uint8Array;
  yield* inChunks(batch.numRows * CHECKS, (from, to) => {
    for (let row = Math.max(1, from / CHECKS); row < to / CHECKS; row++)
      if (Buffer.compare(bytesOf(row - 1), bytesOf(row)) >= 0)
        throw new Error("the users are not sorted by id");
  });
  return {
    idOf: (row) => Buffer.from(bytesOf(row)).toString(),
    find(id) {
      const wanted = Buffer.from(id);
      let low = 0;
      let high = batch.numRows;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (Buffer.compare(bytesOf(middle), wanted) < 0) low = middle + 1;
        else high = middle;
      }
      return low < batch.numRows && Buffer.compare(bytesOf(low), wanted) === 0 ? low : -1;
    },
  };
}
