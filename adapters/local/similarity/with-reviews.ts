import type { DuckDBConnection } from "@duckdb/node-api";
import { REVIEW } from "../../../contracts/interactions.ts";
import type { ReviewKnobs } from "../../../contracts/settings/reviews.ts";
import { NEUTRAL_REVIEWS } from "../../../core/ratings/review-rating.ts";
import { eachChunk } from "../duckdb.ts";
import type { Interactions } from "./entries.ts";

/** What a night reads once it knows the reviews. */
export interface Reviewed {
  interactions: Interactions;
  /** A table of user and item: pairs whose item is never recommended to the user. */
  disliked: string;
}

/**
 * Interactions as reviews leave them (docs/ARCHITECTURE.md, Reviews in the night). A review's row
 * has its weight as its count. It makes the tables `disliked`, and `item_shares` (item, share) for
 * `readShares`.
 * @param reviews ReviewRows, as a relation for SQL
 */
export async function withReviews(
  connection: DuckDBConnection,
  { interactions, reviews }: { interactions: Interactions; reviews: string },
  { weight, penalty }: ReviewKnobs,
): Promise<Reviewed> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE reviewed AS
    SELECT "user", item, rating, "at" FROM ${reviews} WHERE item IN (SELECT item FROM ${interactions})`);
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE disliked AS SELECT "user", item FROM reviewed WHERE rating < 0`);
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE item_shares AS
    SELECT item, 1 - ${penalty} * greatest(0, -sum(rating) / (count(*) + ${NEUTRAL_REVIEWS})) AS share
    FROM reviewed GROUP BY item`);
  await connection.run(`
    CREATE OR REPLACE TEMP VIEW reviewed_interactions AS
    SELECT * FROM ${interactions} WHERE ("user", item) NOT IN (FROM disliked)
    UNION ALL BY NAME
    SELECT "user", item, '${REVIEW}' AS event, rating * ${weight} AS count, "at" AS "lastAt"
    FROM reviewed WHERE rating > 0`);
  return { interactions: "reviewed_interactions", disliked: "disliked" };
}

/** What is left of each item's similarities, by its code. */
export async function readShares(connection: DuckDBConnection): Promise<Float64Array> {
  const shares: number[] = [];
  const sql = `SELECT coalesce(share, 1)::DOUBLE FROM item_codes LEFT JOIN item_shares USING (item) ORDER BY code`;
  await eachChunk(connection, sql, ([values]) => shares.push(...(values as number[])));
  return Float64Array.from(shares);
}
