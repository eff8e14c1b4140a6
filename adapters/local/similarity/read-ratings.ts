import type { DuckDBConnection } from "@duckdb/node-api";
import { REVIEW, type EventName } from "../../../contracts/interactions.ts";
import { isOrdered } from "../../../contracts/methods.ts";
import type { Knobs } from "../../../contracts/settings/similarity.ts";
import type { IdHashes } from "../../../core/ratings/dimsum.ts";
import { murmur3 } from "../../../core/text/hash.ts";
import { isCapped, ratingsFromEntries, type Entries, type Ratings } from "../../../core/ratings/ratings.ts";
import { eachChunk, query } from "../duckdb.ts";
import { hasAny, lastOf, weightOf, type Interactions } from "./entries.ts";

/**
 * Numbers users or items in the order of their ids' bytes: table `user_codes` or `item_codes`. The
 * view `item_ties` says which of equally recent items a cap keeps first: see `capHistories`.
 * @param hashes a table of all of them with a hash each: they are in the order of hashes, and those
 * that share one in the order of hashed ids; ties are in the order of numbers then
 */
export async function codeIds(
  connection: DuckDBConnection,
  interactions: Interactions,
  name: "user" | "item",
  hashes?: string,
): Promise<void> {
  const order = hashes ? `md5(hash), md5("${name}")` : `"${name}"`;
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE ${name}_codes AS
    SELECT "${name}", (row_number() OVER (ORDER BY ${order}) - 1)::INTEGER AS code
    FROM ${hashes ?? `(SELECT DISTINCT "${name}" FROM ${interactions})`}`);
  await connection.run(`
    CREATE OR REPLACE TEMP VIEW ${name}_ties AS
    SELECT code, ${hashes ? "code" : `sha256("${name}")`} AS tie FROM ${name}_codes`);
}

/** The ids of users or items, by code. */
export async function readIds(connection: DuckDBConnection, name: "user" | "item"): Promise<string[]> {
  const ids: string[] = [];
  await eachChunk(connection, `SELECT ${name} FROM ${name}_codes ORDER BY code`, ([values]) => {
    for (const value of values) ids.push(value as string);
  });
  return ids;
}

/**
 * Reads the ratings of some events and of reviews from the table `entries`. Binary ratings carry no
 * values; times come where the cap or the method needs them.
 */
export async function readRatings(
  connection: DuckDBConnection,
  events: readonly EventName[],
  { method, vectors, eventWeights, cap }: Pick<Knobs, "method" | "vectors" | "eventWeights" | "cap">,
): Promise<Ratings> {
  const isWeighted = vectors === "weighted";
  const value = weightOf(events, eventWeights);
  const columns = {
    ...{ user: `"user"`, item: "item" },
    ...(isWeighted ? { value } : {}),
    ...(cap > 0 || isOrdered(method) ? { lastAt: `coalesce(${lastOf(events)}, ${REVIEW}_at)` } : {}),
  };
  const from = `FROM entries WHERE ${hasAny(events)}${isWeighted ? ` AND ${value} > 0` : ""}`;
  const entries = await readEntries(connection, columns, from);
  const ratings = ratingsFromEntries(entries);
  if (isCapped(ratings, cap)) ratings.tiePlace = await readTiePlaces(connection, entries.items);
  return ratings;
}

async function readTiePlaces(connection: DuckDBConnection, items: number): Promise<Int32Array> {
  const places = new Int32Array(items);
  let place = 0;
  await eachChunk(connection, "SELECT code FROM item_ties ORDER BY tie", ([codes]) => {
    for (const code of codes) places[code as number] = place++;
  });
  return places;
}

async function readEntries(
  connection: DuckDBConnection,
  sql: { user: string; item: string; value?: string; lastAt?: string },
  from: string,
): Promise<Entries> {
  const [sizes] = await query<{ users: number; items: number; length: number }>(
    connection,
    `SELECT (SELECT count(*) FROM user_codes)::INTEGER AS users, (SELECT count(*) FROM item_codes)::INTEGER AS items,
       (SELECT count(*) ${from})::INTEGER AS length`,
  );
  const { length, ...counts } = sizes;
  const columns = {
    user: new Int32Array(length),
    item: new Int32Array(length),
    ...(sql.value ? { value: new Float64Array(length) } : {}),
    ...(sql.lastAt ? { lastAt: new Float64Array(length) } : {}),
  };
  const names = Object.keys(columns) as (keyof typeof columns)[];
  let at = 0;
  await eachChunk(connection, `SELECT ${names.map((name) => sql[name]).join(", ")} ${from}`, (vectors) => {
    vectors.forEach((values, k) => columns[names[k]]!.set(values as unknown as ArrayLike<number>, at));
    at += vectors[0].length;
  });
  return { ...counts, ...columns };
}

/** The hashes for DIMSUM's sampling, in the order of codes. */
export async function readHashes(connection: DuckDBConnection, ids: string[]): Promise<IdHashes> {
  const users = await readIds(connection, "user");
  return { user: Uint32Array.from(users, murmur3), item: Uint32Array.from(ids, murmur3) };
}
