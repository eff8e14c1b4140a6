import { Bool, Float64, Table, Utf8, tableFromIPC, tableToIPC, vectorFromArray } from "apache-arrow";
import { setAvailability, type Stock } from "../ranking/stock.ts";
import { inChunks } from "./columns.ts";
import type { Snapshot } from "./decode.ts";

/** A value, and when it was pushed: milliseconds since 1970. */
interface Pushed<T> {
  value: T;
  at: number;
}

/** What was pushed of an item. A new price does not make an old availability new. */
export interface PushedItem {
  available: Pushed<boolean> | null;
  price: Pushed<number> | null;
}

/** What is said of an item. Null: nothing. */
export interface SaidOfItem {
  available: boolean | null;
  price: number | null;
}

/** Availability and prices that may be newer than a model's, by item id, each once. */
export type PushedStock = Iterable<[id: string, item: PushedItem]>;

/** An item with what a push says of it. What it does not say stays as it was. */
export function withSaid(
  known: PushedItem | undefined,
  { available, price }: SaidOfItem,
  at: number,
): PushedItem {
  return {
    available: available === null ? (known?.available ?? null) : { value: available, at },
    price: price === null ? (known?.price ?? null) : { value: price, at },
  };
}

/** What of it was pushed since a time. */
export function newerThan({ available, price }: PushedItem, time: number): PushedItem | null {
  const newer = {
    available: available && available.at > time ? available : null,
    price: price && price.at > time ? price : null,
  };
  return newer.available || newer.price ? newer : null;
}

/**
 * Encodes what was pushed: an Arrow IPC file of one record batch with a row an item.
 *
 *     id           Utf8
 *     available    Bool      null: nothing was said
 *     availableAt  Float64   milliseconds since 1970
 *     price        Float64   null: nothing was said
 *     priceAt      Float64   milliseconds since 1970
 */
export function encodePushedStock(pushed: ReadonlyMap<string, PushedItem>): Uint8Array {
  const items = [...pushed.values()];
  const valuesOf = (name: keyof PushedItem) => items.map((item) => item[name]?.value ?? null);
  const timesOf = (name: keyof PushedItem) => items.map((item) => item[name]?.at ?? null);
  const columns = {
    id: vectorFromArray([...pushed.keys()], new Utf8()),
    available: vectorFromArray(valuesOf("available"), new Bool()),
    availableAt: vectorFromArray(timesOf("available"), new Float64()),
    price: vectorFromArray(valuesOf("price"), new Float64()),
    priceAt: vectorFromArray(timesOf("price"), new Float64()),
  };
  return tableToIPC(new Table(columns as never), "file");
}

/**
 * Opens the file. Nothing is copied: items are read as they are asked for.
 * @throws Error that names the misfit.
 */
export function decodePushedStock(bytes: Uint8Array): PushedStock {
  const table = tableFromIPC(bytes);
  const columnOf = (name: string) => {
    const column = table.getChild(name);
    if (!column) throw new Error(`it has no column ${name}`);
    return column;
  };
  const pairOf = (name: keyof PushedItem) => {
    const [values, times] = [columnOf(name), columnOf(`${name}At`)];
    return (k: number) => {
      const value: unknown = values.get(k);
      return value === null ? null : { value, at: times.get(k) as number };
    };
  };
  const id = columnOf("id");
  const [available, price] = [pairOf("available"), pairOf("price")];
  return {
    *[Symbol.iterator]() {
      for (let k = 0; k < table.numRows; k++)
        yield [id.get(k) as string, { available: available(k), price: price(k) } as PushedItem];
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
    const since = newerThan(item, time);
    if (since) newer.set(id, since);
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
  for (const [id, item] of pushed) {
    if (looks++ % ITEMS_AT_ONCE === 0) yield;
    const newer = newerThan(item, readAt);
    const row = newer ? find(id) : -1;
    if (row < 0) continue;
    if (newer?.available) setAvailability(changed, row, newer.available.value);
    if (newer?.price) prices[row] = newer.price.value;
  }
  return changed;
}
