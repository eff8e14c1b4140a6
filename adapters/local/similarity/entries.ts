import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS, REVIEW, type EventName } from "../../../contracts/interactions.ts";
import type { Knobs } from "../../../contracts/settings/similarity.ts";

/** A relation with the columns of an interaction, in SQL: a table, or `read_parquet(…)`. */
export type Interactions = string;

/**
 * Makes the table `entries`: a row for each user and item, by the codes of `codeIds`. A column of
 * each event, and of reviews, has the sum of counts; another one, such as `purchase_at`, the last
 * time in microseconds. Both are NULL where there was none. A model is made of these alone, so the
 * interactions themselves are joined and grouped once.
 */
export async function codeEntries(connection: DuckDBConnection, interactions: Interactions): Promise<void> {
  const columns = [...EVENTS, REVIEW].map((event) => {
    const cast = `FILTER (event = '${event}')::DOUBLE`;
    return `sum(count) ${cast} AS ${event}, max("lastAt") ${cast} AS ${event}_at`;
  });
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE entries AS
    SELECT user_codes.code AS "user", item_codes.code AS item, ${columns.join(", ")}
    FROM ${interactions} JOIN user_codes USING ("user") JOIN item_codes USING (item)
    GROUP BY user_codes.code, item_codes.code`);
}

/** SQL, over `entries`: one of these events, or a review, was there. */
export const hasAny = (events: readonly EventName[]) =>
  `coalesce(${[...events, REVIEW].join(", ")}) IS NOT NULL`;

/** SQL, over `entries`: the events' sum by their weights. A review has its weight as its count. */
export const weightOf = (events: readonly EventName[], weights: Knobs["eventWeights"]) =>
  [...events.map((event) => `${weights[event]} * coalesce(${event}, 0)`), `coalesce(${REVIEW}, 0)`].join(
    " + ",
  );

/** SQL, over `entries`: when the last of these events was; NULL where there was none. */
export const lastOf = (events: readonly EventName[]) =>
  `greatest(${events.map((event) => `${event}_at`).join(", ")})`;
