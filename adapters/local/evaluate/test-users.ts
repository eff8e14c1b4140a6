import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS, type EventName } from "../../../contracts/interactions.ts";
import type { TestUser } from "../../../core/evaluation/quality.ts";
import { query } from "../duckdb.ts";
import { lastOf } from "../similarity/entries.ts";

/**
 * The users of `held_out` in the order of their codes, with their histories in `entries`. Items and
 * users are those of `codeIds`.
 */
export async function readTestUsers(connection: DuckDBConnection): Promise<TestUser[]> {
  const found = await query<
    Record<EventName, number[] | null> & Required<Pick<TestUser, "row" | "targets" | "timeline">>
  >(
    connection,
    `WITH asked AS (
       SELECT user_codes.code AS row, list(coalesce(item_codes.code, -1)) AS targets
       FROM held_out JOIN user_codes USING ("user") LEFT JOIN item_codes USING (item) GROUP BY ALL
     ), histories AS (
       SELECT "user" AS row, ${EVENTS.map(itemsOf).join(", ")},
         list(item ORDER BY "lastAt", item) FILTER ("lastAt" IS NOT NULL) AS timeline
       FROM (SELECT *, ${lastOf(EVENTS)} AS "lastAt" FROM entries) WHERE "user" IN (SELECT row FROM asked) GROUP BY ALL
     )
     SELECT row, targets, ${EVENTS.join(", ")}, coalesce(timeline, []) AS timeline
     FROM asked LEFT JOIN histories USING (row) ORDER BY row`,
  );
  return found.map(({ row, targets, timeline, ...lists }) => {
    const history = Object.fromEntries(EVENTS.map((event) => [event, lists[event] ?? []]));
    return { row, targets, timeline, history: history as TestUser["history"] };
  });
}

const itemsOf = (event: EventName) => `list(item ORDER BY item) FILTER (${event} IS NOT NULL) AS ${event}`;
