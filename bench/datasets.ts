import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { generate, type Shape } from "./generate.ts";
import { readRetailRocket } from "./retailrocket.ts";

/** A users x items matrix, one row a user (CSR): `Ratings` of core/ratings, with values. */
export interface Dataset {
  users: number;
  items: number;
  /** Where each user's entries start; users + 1 numbers. */
  rowStart: Int32Array;
  item: Int32Array;
  value?: Float32Array;
}

export const SET_NAMES = ["small", "big", "retailrocket"] as const;
export type SetName = (typeof SET_NAMES)[number];

export const SHAPES: Record<"small" | "big", Shape> = {
  small: { users: 100_000, items: 20_000, seed: 1 },
  big: { users: 500_000, items: 50_000, seed: 2 },
};

/** Part of a folder's name: raise it when a change to this file or generate.ts changes the data. */
const VERSION = 2;
const CACHE = join(import.meta.dirname, "../.cache/bench");

/**
 * The folder with a set's arrays, made when missing: meta.json {users, items, entries},
 * rowStart.i32, item.i32 and value.f32, plain little-endian. Undefined when this machine lacks the
 * set's source.
 */
export function datasetFolder(name: SetName): string | undefined {
  const folder = join(CACHE, `${name}-v${VERSION}`);
  if (existsSync(folder)) return folder;
  const dataset = name === "retailrocket" ? readRetailRocket() : generate(SHAPES[name]);
  if (dataset) writeDataset(dataset, folder);
  return dataset && folder;
}

/** Written beside its place and renamed, so that an existing folder is always whole. */
function writeDataset({ users, items, rowStart, item, value }: Dataset, folder: string): void {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, "rowStart.i32"), rowStart);
  writeFileSync(join(unfinished, "item.i32"), item);
  writeFileSync(join(unfinished, "value.f32"), value!);
  writeFileSync(join(unfinished, "meta.json"), JSON.stringify({ users, items, entries: item.length }));
  renameSync(unfinished, folder);
}

/**
 * Reads a set, or its first `users` users. Histories are independent, so the first users are a
 * smaller shop.
 */
export function readDataset(
  folder: string,
  { users: only, values }: { users?: number; values: boolean },
): Dataset {
  const meta = JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")) as {
    users: number;
    items: number;
  };
  const users = only ?? meta.users;
  const rowStart = new Int32Array(readBytes(join(folder, "rowStart.i32"), 4 * (users + 1)));
  const entries = rowStart[users];
  const item = new Int32Array(readBytes(join(folder, "item.i32"), 4 * entries, SharedArrayBuffer));
  const binary = { users, items: meta.items, rowStart, item };
  if (!values) return binary;
  return { ...binary, value: new Float32Array(readBytes(join(folder, "value.f32"), 4 * entries)) };
}

/** Into ordinary memory, or into shared memory, as core's `ratingsFromEntries` gives the items. */
function readBytes<T extends ArrayBufferLike = ArrayBuffer>(
  file: string,
  length: number,
  kind: new (length: number) => T = ArrayBuffer as never,
): T {
  const bytes = new kind(length);
  const descriptor = openSync(file, "r");
  let read = 0;
  while (read < length) {
    const got = readSync(descriptor, new Uint8Array(bytes, read), 0, length - read, read);
    if (got === 0) throw new Error(`${file} is shorter than ${length} bytes`);
    read += got;
  }
  closeSync(descriptor);
  return bytes;
}

export interface Description {
  users: number;
  items: number;
  entries: number;
  /**
   * Ordered pairs of different items in one history, summed over users: the work of an exact
   * computation.
   */
  pairs: number;
  /** History lengths. */
  median: number;
  mean: number;
  longest: number;
}

export function describe({ users, items, rowStart }: Dataset): Description {
  const lengths = Int32Array.from({ length: users }, (_, u) => rowStart[u + 1] - rowStart[u]).sort();
  const entries = rowStart[users];
  const pairs = lengths.reduce((sum, length) => sum + length * (length - 1), 0);
  const median = lengths[users >> 1];
  return { users, items, entries, pairs, median, mean: entries / users, longest: lengths[users - 1] };
}
