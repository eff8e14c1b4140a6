import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Catalogue } from "../../core/model/encode.ts";
import { eachChunk, literal } from "./duckdb.ts";

/** Writes the catalogue: one row for each item, sorted by id, with its details and counts. */
export async function writeCatalogue(
  connection: DuckDBConnection,
  { interactions, items }: { interactions: string; items: string },
  file: string,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await connection.run(`
    COPY (
      WITH counts AS (
        SELECT item, count(DISTINCT "user")::INTEGER AS users,
          coalesce(sum(count) FILTER (event = 'view_item'), 0)::INTEGER AS views,
          coalesce(sum(count) FILTER (event = 'purchase'), 0)::INTEGER AS purchases
        FROM ${interactions} GROUP BY item
      ), attributes AS (
        SELECT item, arg_max(name, lastAt) AS name, arg_max(category, lastAt) AS category, arg_max(price, lastAt) AS price
        FROM ${items} GROUP BY item
      )
      SELECT item, name, category, price, true AS available, users, views, purchases
      FROM counts LEFT JOIN attributes USING (item) ORDER BY item
    ) TO ${literal(file)} (FORMAT parquet)`);
}

/**
 * Reads a catalogue (a relation for SQL) in the order of item codes, which is that of the ids'
 * bytes.
 */
export async function readCatalogue(connection: DuckDBConnection, source: string): Promise<Catalogue> {
  const columns = Array.from({ length: 7 }, (): unknown[] => []);
  await eachChunk(
    connection,
    `SELECT name, category, price::DOUBLE, available, users::INTEGER, views::INTEGER, purchases::INTEGER
     FROM ${source} ORDER BY item`,
    (chunk) => chunk.forEach((values, k) => values.forEach((value) => columns[k].push(value))),
  );
  const [name, category, price, available, ...counts] = columns;
  const [users, views, purchases] = counts.map((values) => Int32Array.from(values as number[]));
  return { name, category, price, available, users, views, purchases } as Catalogue;
}
