import type { DuckDBConnection } from "@duckdb/node-api";
import { query } from "../duckdb.ts";
import { lastTrainingDay } from "./split.ts";

/** The last days that a split in time may hide, the fewest first. */
const CHOICES = [7, 14, 28];
/** With so many users the standard error is narrow enough to tell models apart. */
const ENOUGH_USERS = 200;
/** Fewer say nothing. */
const FEWEST_USERS = 30;

/**
 * Chooses how many last days of `interactions` a split in time hides: the fewest on which enough
 * users can be asked, who were there before and bought what is new to them; at most half of all
 * days.
 * @returns undefined where there are too few days, or users
 */
export async function recentDays(connection: DuckDBConnection): Promise<number | undefined> {
  const [{ span }] = await query<{ span: number }>(
    connection,
    `SELECT coalesce(max(CAST(day AS DATE)) - min(CAST(day AS DATE)) + 1, 0)::INTEGER AS span FROM interactions`,
  );
  let found: number | undefined;
  for (const days of CHOICES.filter((days) => days <= span / 2)) {
    const users = await usersToAsk(connection, days);
    if (users >= FEWEST_USERS) found = days;
    if (users >= ENOUGH_USERS) break;
  }
  return found;
}

/** How many users a split in time would ask. */
async function usersToAsk(connection: DuckDBConnection, days: number): Promise<number> {
  const [{ users }] = await query<{ users: number }>(
    connection,
    `WITH pairs AS (
       SELECT "user", min(day) AS first, bool_or(event = 'purchase') AS bought
       FROM interactions GROUP BY "user", item
     )
     SELECT count(*)::INTEGER AS users FROM (
       SELECT "user" FROM pairs GROUP BY "user"
       HAVING min(first) <= ${lastTrainingDay(days)} AND bool_or(bought AND first > ${lastTrainingDay(days)})
     )`,
  );
  return users;
}
