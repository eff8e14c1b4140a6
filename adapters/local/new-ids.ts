import type { DuckDBConnection } from "@duckdb/node-api";
import type { ItemAliases } from "../../contracts/item-aliases.ts";
import { appendChunks, CHUNK_ROWS } from "./duckdb.ts";

/**
 * Makes the table of items' old ids, which all connections of a database see.
 * @returns false where there are none, and no such table: then nothing need ask it.
 */
export async function loadNewIds(
  connection: DuckDBConnection,
  aliases: ItemAliases | undefined,
): Promise<boolean> {
  if (!aliases || aliases.newIds.size === 0) return false;
  const pairs = [...aliases.newIds];
  function* chunks() {
    for (let k = 0; k < pairs.length; k += CHUNK_ROWS) {
      const some = pairs.slice(k, k + CHUNK_ROWS);
      yield [some.map(([old]) => old), some.map(([, now]) => now)];
    }
  }
  await connection.run("CREATE OR REPLACE TABLE new_ids (old_item VARCHAR, new_item VARCHAR)");
  await appendChunks(connection, "new_ids", ["VARCHAR", "VARCHAR"], chunks());
  return true;
}

/** SQL: rows with a column `item`, and beside it the id that an old one has now. */
export const withNewIds = (rows: string): string =>
  `(SELECT of_items.*, new_item FROM ${rows} AS of_items LEFT JOIN new_ids ON old_item = of_items.item)`;

/** SQL over `withNewIds`: the id that the item has now. */
export const ITEM_NOW = "coalesce(new_item, item)";
