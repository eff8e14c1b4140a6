import type { DuckDBConnection } from "@duckdb/node-api";
import type { Interactions } from "../similarity/entries.ts";
import { codeIds } from "../similarity/read-ratings.ts";

/**
 * Which of equally good items comes first. "hash": a hash of who did what when, so that no figure
 * depends on names. "ids": the smaller id, as the recommender does.
 */
export type Ties = "hash" | "ids";

/**
 * Numbers users and items, see `codeIds`. The order of numbers decides ties: in lists of neighbours
 * and of recommendations, in the cap of histories. It also chooses the numbers that factors start
 * from.
 */
export async function codeUsersAndItems(
  connection: DuckDBConnection,
  interactions: Interactions,
  ties: Ties,
): Promise<void> {
  if (ties === "hash") await hashDeeds(connection, interactions);
  for (const name of ["user", "item"] as const)
    await codeIds(connection, interactions, name, ties === "hash" ? `${name}_hashes` : undefined);
}

/**
 * Makes the tables `user_hashes` and `item_hashes`: the id, and a hash that does not know it. An
 * item's hash is a sum over what was done with it and by whom, and a user is what they did. Two
 * items have the same hash when the same was done with both, at the same times, by users who are
 * alike in the same way.
 */
async function hashDeeds(connection: DuckDBConnection, interactions: Interactions): Promise<void> {
  const hashOf = (...parts: string[]) => `md5_number_lower(concat_ws('|', ${parts.join(", ")}))`;
  const create = (name: string) => `CREATE OR REPLACE TEMP TABLE ${name} AS`;
  await connection.run(`
    ${create("deeds")}
    SELECT "user", item, ${hashOf("event", "count", '"lastAt"')} AS deed FROM ${interactions}`);
  await connection.run(`
    ${create("user_hashes")} SELECT "user", sum(deed)::VARCHAR AS hash FROM deeds GROUP BY "user"`);
  await connection.run(`
    ${create("item_hashes")}
    SELECT item, sum(${hashOf("deed", "hash")})::VARCHAR AS hash
    FROM deeds JOIN user_hashes USING ("user") GROUP BY item`);
  await connection.run(`
    ${create("user_hashes")}
    SELECT "user", sum(${hashOf("deed", "hash")})::VARCHAR AS hash
    FROM deeds JOIN item_hashes USING (item) GROUP BY "user"`);
  await connection.run("DROP TABLE deeds");
}
