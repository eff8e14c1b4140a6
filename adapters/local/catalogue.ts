import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { literal } from "./duckdb.ts";

/**
 * Writes the catalogue: one row for each item of the table `entries`, sorted by id, with its
 * details and counts.
 * @param items ItemRows, as a relation for SQL
 */
export async function writeCatalogue(
  connection: DuckDBConnection,
  items: string,
  file: string,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await connection.run(`
    COPY (
      WITH counts AS (
        SELECT item AS code, count(*)::INTEGER AS users, coalesce(sum(view_item), 0)::INTEGER AS views,
          coalesce(sum(purchase), 0)::INTEGER AS purchases
        FROM entries GROUP BY item
      ), attributes AS (
        SELECT item, arg_max(name, lastAt) AS name, arg_max(category, lastAt) AS category, arg_max(price, lastAt) AS price
        FROM ${items} GROUP BY item
      )
      SELECT item, name, category, price, NULL::BOOLEAN AS available, users, views, purchases
      FROM counts JOIN item_codes USING (code) LEFT JOIN attributes USING (item) ORDER BY code
    ) TO ${literal(file)} (FORMAT parquet)`);
}
