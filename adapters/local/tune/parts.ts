import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS, type EventName } from "../../../contracts/interactions.ts";
import { Problem } from "../../../contracts/problem.ts";
import { TABLES, type TableName } from "../../../contracts/tables.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { knobsOf } from "../../../contracts/settings/similarity.ts";
import type { TestUser } from "../../../core/evaluation/quality.ts";
import type { Ratings } from "../../../core/ratings/ratings.ts";
import { query } from "../duckdb.ts";
import { codeUsersAndItems } from "../evaluate/codes.ts";
import { readTestUsers } from "../evaluate/test-users.ts";
import { codeEntries } from "../similarity/entries.ts";
import { codeIds, readRatings } from "../similarity/read-ratings.ts";

/** What is trained on, and who is asked after it. */
export interface Part {
  /** By table. Rows are users, with times. */
  ratings: ReadonlyMap<TableName, Ratings>;
  users: TestUser[];
  items: number;
  /** The days of training, and those of the users' orders. */
  training: Days;
  orders: Days;
}

export interface Days {
  first: string;
  last: string;
}

/** The two parts of a study, and what both have. */
export interface Parts {
  validation: Part;
  /** Nothing is chosen by it. */
  last: Part;
  /** The events that validation's histories have, in the order of EVENTS. */
  events: EventName[];
  /** The rows of all days. */
  rows: number;
}

/** Fewer users in a part would fit noise: see docs/TUNING.md. */
export const FEWEST_USERS = 200;
/** So many users with an order are enough: no further days are held out then. */
const ENOUGH_USERS = 2000;
/** Days of a part, at most. A model grows old in them, as it would not where it is served. */
const LONGEST_PART = 28;

/**
 * Splits `interactions` in time. The last days are one part, the days before are another one. Each
 * is asked after training on the `days` before it, as a night would.
 * @throws Problem when a part has too few users.
 */
export async function readParts(
  connection: DuckDBConnection,
  settings: Settings,
  tables: readonly TableName[],
): Promise<Parts> {
  const length = await partLength(connection);
  const validation = await readPart(connection, { length, ago: 1 }, settings, tables);
  const last = await readPart(connection, { length, ago: 0 }, settings, tables);
  const fewest = Math.min(validation.users.length, last.users.length);
  if (fewest < FEWEST_USERS) throw tooSmall(settings.shop, fewest, length);
  const events = EVENTS.filter((event) => validation.users.some(({ history }) => history[event].length > 0));
  const [{ rows }] = await query<{ rows: number }>(
    connection,
    "SELECT count(*)::DOUBLE AS rows FROM interactions",
  );
  return { validation, last, events, rows };
}

/** The fewest weeks with enough users, or a third of all days. */
async function partLength(connection: DuckDBConnection): Promise<number> {
  const buyers = await query<{ ago: number; users: number }>(
    connection,
    `WITH dated AS (SELECT "user", event, max(CAST(day AS DATE)) OVER () - CAST(day AS DATE) AS ago FROM interactions)
     SELECT ago // 7 AS ago, (count(DISTINCT "user") FILTER (event = 'purchase'))::INTEGER AS users
     FROM dated GROUP BY 1 ORDER BY 1`,
  );
  const [{ days }] = await query<{ days: number }>(
    connection,
    `SELECT 1 + max(CAST(day AS DATE)) - min(CAST(day AS DATE)) AS days FROM interactions`,
  );
  const most = Math.max(1, Math.min(LONGEST_PART, Math.floor(Number(days) / 3)));
  let users = 0;
  for (const week of buyers) {
    users += week.users;
    if (users >= ENOUGH_USERS) return Math.min(most, 7 * (Number(week.ago) + 1));
  }
  return most;
}

async function readPart(
  connection: DuckDBConnection,
  { length, ago }: { length: number; ago: number },
  settings: Settings,
  tables: readonly TableName[],
): Promise<Part> {
  const end = `(SELECT max(CAST(day AS DATE)) - ${length * ago} FROM interactions)`;
  const day = "CAST(day AS DATE)";
  const create = (name: string) => `CREATE OR REPLACE TEMP TABLE ${name} AS`;
  await connection.run(`
    ${create("training")} FROM interactions
    WHERE ${day} <= ${end} - ${length} AND ${day} > ${end} - ${length + settings.days}`);
  await askOrders(connection, `${day} > ${end} - ${length} AND ${day} <= ${end}`, create);
  await codeUsersAndItems(connection, "training", "hash");
  // A history may be of a user who is new since training. Items cannot be.
  await codeIds(connection, `(SELECT "user" FROM training UNION ALL SELECT "user" FROM histories)`, "user");
  await codeEntries(connection, "histories");
  const users = (await readTestUsers(connection)).filter(({ timeline = [] }) => timeline.length > 0);
  await codeEntries(connection, "training");
  const ratings = new Map<TableName, Ratings>();
  const { cap } = knobsOf({ ...settings, method: "cosine" }, tables[0], "cosine");
  for (const table of tables) {
    const form = { method: "order", vectors: "binary", eventWeights: settings.eventWeights, cap } as const;
    ratings.set(table, await readRatings(connection, TABLES[table].events, form));
  }
  const [{ items }] = await query<{ items: number }>(
    connection,
    "SELECT count(*)::INTEGER AS items FROM item_codes",
  );
  const days = async (rows: string) =>
    (await query<Days>(connection, `SELECT min(day) AS first, max(day) AS last FROM ${rows}`))[0];
  return { ratings, users, items, training: await days("training"), orders: await days("orders") };
}

/**
 * The tables `held_out`: the items of each user's first order in these days, and `histories`: all
 * that they did before it, as a shop knows it when they ask. What they had in training is never
 * recommended, so it is not asked; nor is what they did with the order's items in the histories.
 */
async function askOrders(
  connection: DuckDBConnection,
  days: string,
  create: (name: string) => string,
): Promise<void> {
  await connection.run(`
    ${create("orders")}
    SELECT "user", item, "lastAt", day FROM interactions WHERE event = 'purchase' AND ${days}
    QUALIFY "lastAt" = min("lastAt") OVER (PARTITION BY "user")`);
  await connection.run(`
    ${create("held_out")}
    SELECT DISTINCT "user", item FROM orders ANTI JOIN training USING ("user", item)`);
  await connection.run(`
    ${create("histories")}
    SELECT before.* FROM interactions AS before
      JOIN (SELECT DISTINCT "user", "lastAt" AS ordered FROM orders) AS asked
        ON before."user" = asked."user" AND before."lastAt" < ordered
      SEMI JOIN (FROM held_out) AS known ON before."user" = known."user"
      ANTI JOIN held_out ON before."user" = held_out."user" AND before.item = held_out.item
    WHERE CAST(before.day AS DATE) > (SELECT min(CAST(day AS DATE)) - 1 FROM training)`);
}

function tooSmall(shop: string, users: number, length: number): Problem {
  const found = users.toLocaleString("en");
  const why = `only ${found} users with a history have an order in ${length} days: what is found would be noise`;
  const factor = Math.ceil(FEWEST_USERS / Math.max(users, 1));
  const longer =
    length < LONGEST_PART
      ? `name the events of more days with --events (about ${Math.min(factor, 99)} times as many)`
      : "the defaults are chosen on several shops, and serve you well until you have as many";
  return new Problem({
    doing: `Tuning ${shop}`,
    why,
    next: `${FEWEST_USERS} are needed in each of two parts; ${longer}`,
  });
}
