import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS, REVIEW, type EventName } from "../../../contracts/interactions.ts";
import type { Knobs } from "../../../contracts/settings/similarity.ts";
import type { IdHashes } from "../../../core/ratings/dimsum.ts";
import { murmur3 } from "../../../core/text/hash.ts";
import { isCapped, ratingsFromEntries, type Ratings } from "../../../core/ratings/ratings.ts";
import { eachChunk } from "../duckdb.ts";

/** A relation with the columns of an interaction, in SQL: a table, or `read_parquet(…)`. */
export type Interactions = string;

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

/** What one event adds to a value, in SQL. A review has its weight as its count. */
export const weightOf = (weights: Knobs["eventWeights"]) =>
  `CASE event ${EVENTS.map((event) => `WHEN '${event}' THEN ${weights[event]}`).join(" ")} WHEN '${REVIEW}' THEN 1 END`;

/**
 * Reads the ratings of some events and of reviews, by the codes of `codeIds`. Binary ratings carry
 * no values; times come where the cap or the method needs them.
 */
export async function readRatings(
  connection: DuckDBConnection,
  interactions: Interactions,
  events: readonly EventName[],
  { method, vectors, eventWeights, cap }: Pick<Knobs, "method" | "vectors" | "eventWeights" | "cap">,
): Promise<Ratings> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE ratings AS
    SELECT user_codes.code AS "user", item_codes.code AS item, sum(count * ${weightOf(eventWeights)})::DOUBLE AS value,
      coalesce(max(lastAt) FILTER (event <> '${REVIEW}'), max(lastAt))::DOUBLE AS lastAt
    FROM ${interactions} JOIN user_codes USING ("user") JOIN item_codes USING (item)
    WHERE event IN (${[...events, REVIEW].map((event) => `'${event}'`).join(", ")})
    GROUP BY ALL ${vectors === "weighted" ? "HAVING value > 0" : ""}`);
  const size = async (sql: string) => Number((await connection.runAndReadAll(sql)).getRows()[0][0]);
  const entries = {
    users: await size("SELECT count(*) FROM user_codes"),
    items: await size("SELECT count(*) FROM item_codes"),
    ...(await readEntries(
      connection,
      await size("SELECT count(*) FROM ratings"),
      vectors === "weighted",
      cap > 0 || method === "order",
    )),
  };
  await connection.run("DROP TABLE ratings");
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

async function readEntries(connection: DuckDBConnection, length: number, weighted: boolean, timed: boolean) {
  const columns = {
    user: new Int32Array(length),
    item: new Int32Array(length),
    ...(weighted ? { value: new Float64Array(length) } : {}),
    ...(timed ? { lastAt: new Float64Array(length) } : {}),
  };
  const names = Object.keys(columns) as (keyof typeof columns)[];
  let at = 0;
  await eachChunk(
    connection,
    `SELECT ${names.map((name) => `"${name}"`).join(", ")} FROM ratings`,
    (vectors) => {
      vectors.forEach((values, k) => columns[names[k]]!.set(values as unknown as ArrayLike<number>, at));
      at += vectors[0].length;
    },
  );
  return columns;
}

/** The hashes for DIMSUM's sampling, in the order of codes. */
export async function readHashes(connection: DuckDBConnection, ids: string[]): Promise<IdHashes> {
  const users = await readIds(connection, "user");
  return { user: Uint32Array.from(users, murmur3), item: Uint32Array.from(ids, murmur3) };
}
