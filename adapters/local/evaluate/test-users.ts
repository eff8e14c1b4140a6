import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS, REVIEW, type EventName } from "../../../contracts/interactions.ts";
import type { TestUser } from "../../../core/evaluation/quality.ts";
import { query } from "../duckdb.ts";
import type { Interactions } from "../similarity/read-ratings.ts";

/**
 * The users of `held_out` in the order of their codes, with their histories in `interactions`.
 * Items and users are those of `codeIds`.
 */
export async function readTestUsers(
  connection: DuckDBConnection,
  interactions: Interactions,
): Promise<TestUser[]> {
  const targets = await query<{ row: number; items: number[] }>(
    connection,
    `SELECT user_codes.code AS row, list(coalesce(item_codes.code, -1)) AS items
     FROM held_out JOIN user_codes USING ("user") LEFT JOIN item_codes USING (item) GROUP BY ALL ORDER BY row`,
  );
  const histories = await query<{ row: number; event: EventName; items: number[] }>(
    connection,
    `SELECT user_codes.code AS row, event, list_sort(list(DISTINCT item_codes.code)) AS items
     FROM ${interactions} JOIN user_codes USING ("user") JOIN item_codes USING (item)
     WHERE "user" IN (SELECT "user" FROM held_out) AND event <> '${REVIEW}' GROUP BY ALL`,
  );
  const users = new Map<number, TestUser>();
  for (const { row, items } of targets) {
    const history = Object.fromEntries(EVENTS.map((event) => [event, []])) as never;
    users.set(row, { row, targets: items, history });
  }
  for (const { row, event, items } of histories) users.get(row)!.history[event] = items;
  const timelines = await query<{ row: number; items: number[] }>(
    connection,
    `SELECT row, list(item ORDER BY "lastAt", item) AS items FROM (
       SELECT user_codes.code AS row, item_codes.code AS item, max("lastAt") AS "lastAt"
       FROM ${interactions} JOIN user_codes USING ("user") JOIN item_codes USING (item)
       WHERE "user" IN (SELECT "user" FROM held_out) AND event <> '${REVIEW}' GROUP BY ALL
     ) GROUP BY row`,
  );
  for (const { row, items } of timelines) users.get(row)!.timeline = items;
  return [...users.values()];
}
