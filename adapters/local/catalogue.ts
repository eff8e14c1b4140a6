import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { Catalogue } from "../../core/snapshot/encode.ts";
import { literal, query } from "./duckdb.ts";

/** Writes the catalogue: one row an item, sorted by id: what the last event said of it, and how often it was wanted. */
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

/** Reads a catalogue (a relation for SQL) in the order of item codes, which are those of the ids' bytes. */
export async function readCatalogue(connection: DuckDBConnection, source: string): Promise<Catalogue> {
  const rows = await query<CatalogueRow>(
    connection,
    `SELECT name, category, price::DOUBLE AS price, available, users::INTEGER AS users, views::INTEGER AS views,
       purchases::INTEGER AS purchases
     FROM ${source} ORDER BY item`,
  );
  const integers = (name: "users" | "views" | "purchases") => Int32Array.from(rows, (row) => row[name]);
  return {
    name: rows.map((row) => row.name),
    category: rows.map((row) => row.category),
    price: rows.map((row) => row.price),
    available: rows.map((row) => row.available),
    users: integers("users"),
    views: integers("views"),
    purchases: integers("purchases"),
  };
}

interface CatalogueRow {
  name: string | null;
  category: string | null;
  price: number | null;
  available: boolean;
  users: number;
  views: number;
  purchases: number;
}
