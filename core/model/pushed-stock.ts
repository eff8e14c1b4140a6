import {
  Bool,
  Float64,
  Table,
  Utf8,
  makeData,
  makeVector,
  tableFromIPC,
  tableToIPC,
  vectorFromArray,
} from "apache-arrow";
import { setAvailability, type Stock } from "../ranking/stock.ts";
import { inChunks } from "./columns.ts";
import type { Snapshot } from "./decode.ts";

/** What was pushed of an item. Null: nothing was said. */
export interface PushedItem {
  available: boolean | null;
  price: number | null;
  /** When: milliseconds since 1970. */
  at: number;
}

/** Availability and prices that may be newer than a model's, by item id, each once. */
export type PushedStock = Iterable<[id: string, item: PushedItem]>;

/**
 * Encodes what was pushed: an Arrow IPC file of one record batch with a row an item.
 *
 *     id         Utf8
 *     available  Bool      null: nothing was said
 *     price      Float64   null: nothing was said
 *     at         Float64   milliseconds since 1970
 */
export function encodePushedStock(pushed: ReadonlyMap<string, PushedItem>): Uint8Array {
  const items = [...pushed.values()];
  const at = Float64Array.from(items, (item) => item.at);
  const columns = {
    id: vectorFromArray([...pushed.keys()], new Utf8()),
    available: vectorFromArray(
      items.map(({ available }) => available),
      new Bool(),
    ),
    price: vectorFromArray(
      items.map(({ price }) => price),
      new Float64(),
    ),
    at: makeVector(makeData({ type: new Float64(), data: at })),
  };
  return tableToIPC(new Table(columns as never), "file");
}

/**
 * Opens the file. Nothing is copied: items are read as they are asked for.
 * @throws Error that names the misfit.
 */
export function decodePushedStock(bytes: Uint8Array): PushedStock {
  const table = tableFromIPC(bytes);
  const [id, available, price, at] = ["id", "available", "price", "at"].map((name) => {
    const column = table.getChild(name);
    if (!column) throw new Error(`it has no column ${name}`);
    return column;
  });
  return {
    *[Symbol.iterator]() {
      for (let k = 0; k < table.numRows; k++)
        yield [id.get(k), { available: available.get(k), price: price.get(k), at: at.get(k) }];
    },
  };
}

/** Items between two pauses. */
const ITEMS_AT_ONCE = 1000;

/** What was pushed since a time, in milliseconds since 1970; in steps of a millisecond. */
export function* pushedSince(pushed: PushedStock, time: number): Generator<void, Map<string, PushedItem>> {
  const newer = new Map<string, PushedItem>();
  let looks = 0;
  for (const [id, item] of pushed) {
    if (looks++ % ITEMS_AT_ONCE === 0) yield;
    if (item.at > time) newer.set(id, item);
  }
  return newer;
}

/**
 * A model's stock with what was pushed since its catalogue was read, in steps of a millisecond.
 * @param readAt milliseconds since 1970
 */
export function* changedStock(
  { stock, find, items }: Pick<Snapshot, "stock" | "find" | "items">,
  pushed: PushedStock,
  readAt: number,
): Generator<void, Stock> {
  const prices = new Float64Array(items);
  yield* inChunks(items, (from, to) => {
    for (let row = from; row < to; row++) prices[row] = stock.priceOf(row);
  });
  const availability = stock.availability.slice();
  const changed: Stock = { ...stock, availability, priceOf: (row) => prices[row] };
  let looks = 0;
  for (const [id, { available, price, at }] of pushed) {
    if (looks++ % ITEMS_AT_ONCE === 0) yield;
    const row = at > readAt ? find(id) : -1;
    if (row < 0) continue;
    if (available !== null) setAvailability(changed, row, available);
    if (price !== null) prices[row] = price;
  }
  return changed;
}
