import type { DuckDBConnection } from "@duckdb/node-api";
import type { ErasedUsers } from "../../contracts/erased-list.ts";
import { literal } from "./duckdb.ts";
import { isPlausible } from "./export/rows/time.ts";

/**
 * Makes the table of erased users, which all connections of a database see.
 * @returns false for an empty list, which has none: then nothing need ask it.
 */
export async function loadErased(connection: DuckDBConnection, users: ErasedUsers = {}): Promise<boolean> {
  const entries = Object.entries(users);
  if (entries.length === 0) return false;
  // One text is parsed at once; a hundred thousand rows of SQL are not.
  const text = entries.map(([name, { at }]) => `${name} ${microsOf(at)}`).join(",");
  await connection.run(`
    CREATE OR REPLACE TABLE erased AS
    SELECT split_part(entry, ' ', 1) AS erased_name, split_part(entry, ' ', 2)::BIGINT AS erased_at
    FROM (SELECT unnest(string_split(${literal(text)}, ',')) AS entry)`);
  return true;
}

/** The time of an erasure as that of an event: microseconds since 1970. */
const microsOf = (at: string): number => 1000 * Date.parse(at);

/** SQL: rows with a column `user`, and beside it when the user was erased, if ever. */
export const withErased = (rows: string): string =>
  `(SELECT of_users.*, erased_at FROM ${rows} AS of_users LEFT JOIN erased ON erased_name = sha256(of_users."user"))`;

/** SQL: rows with a column `user`, without those of erased users. */
export const withoutErased = (rows: string): string =>
  `(SELECT * FROM ${rows} WHERE sha256("user") NOT IN (SELECT erased_name FROM erased))`;

/** SQL over `withErased`: true for what is not known to have happened after the user's erasure. */
export const IS_ERASED = `(erased_at IS NOT NULL AND NOT coalesce(micros > erased_at AND ${isPlausible("micros", "day")}, false))`;
