import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { literal } from "./duckdb.ts";

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
      SELECT item, name, category, price, NULL::BOOLEAN AS available, users, views, purchases
      FROM counts LEFT JOIN attributes USING (item) ORDER BY item
    ) TO ${literal(file)} (FORMAT parquet)`);
}
