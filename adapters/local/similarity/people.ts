import type { DuckDBConnection } from "@duckdb/node-api";
import type { PeopleRules } from "../../../contracts/jobs.ts";
import type { PeopleMetrics } from "../../../contracts/metrics.ts";
import { query } from "../duckdb.ts";
import type { Interactions } from "./entries.ts";

/** Interactions of people, and how they were found. */
export interface People {
  interactions: Interactions;
  metrics: PeopleMetrics;
}

/**
 * Finds out who is who, and who is a robot, over all days of the window: PeopleRules has the rules.
 * It makes the tables `owners` (user, owner) and `robots` (user).
 */
export async function findPeople(
  connection: DuckDBConnection,
  interactions: Interactions,
  rules: PeopleRules,
): Promise<People> {
  const haveDevices = rules.linkDevices && (await hasDevices(connection, interactions));
  const linked = haveDevices ? await linkDevices(connection, interactions, rules) : undefined;
  const owned = linked?.interactions ?? interactions;
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE user_days AS
    SELECT "user", day, sum(count)::DOUBLE AS events, count(*) FILTER (event = 'view_item') AS views
    FROM ${owned} GROUP BY "user", day`);
  const [sizes] = await query<Pick<PeopleMetrics, "users" | "events" | "largest">>(
    connection,
    `SELECT count(*)::DOUBLE AS users, coalesce(sum(events), 0) AS events,
       max(struct_pack(events := events, "user" := "user")) AS largest
     FROM (SELECT "user", sum(events) AS events FROM user_days GROUP BY "user")`,
  );
  const robots = await findRobots(connection, owned, rules);
  const metrics: PeopleMetrics = {
    ...sizes!,
    devices: linked?.devices ?? 0,
    ...robots,
    ...(linked?.shared ? { shared: linked.shared } : {}),
  };
  if (robots.robots === 0 || 2 * robots.robots > metrics.users) return { interactions: owned, metrics };
  await connection.run(`
    CREATE OR REPLACE TEMP VIEW people_interactions AS
    SELECT * FROM ${owned} WHERE "user" NOT IN (FROM robots)`);
  return { interactions: "people_interactions", metrics };
}

/** Interactions from elsewhere than an export of ours need not have the column. */
async function hasDevices(connection: DuckDBConnection, interactions: Interactions): Promise<boolean> {
  const columns = await query<{ column_name: string }>(connection, `DESCRIBE FROM ${interactions}`);
  return columns.some(({ column_name }) => column_name === "device");
}

/**
 * A device without a user takes the one that it was last seen with. The condition on `device` is
 * part of the join's key: beside it, DuckDB compares every row with every owner.
 */
async function linkDevices(
  connection: DuckDBConnection,
  interactions: Interactions,
  { usersOfDevice }: PeopleRules,
) {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE seen_devices AS
    SELECT coalesce(device, "user") AS device, bool_or(device IS NULL) AS is_alone,
      max(struct_pack(at := "lastAt", owner := "user")) FILTER (device IS NOT NULL).owner AS owner,
      count(*) FILTER (device IS NOT NULL) AS users, sum(events) FILTER (device IS NOT NULL) AS events
    FROM (
      SELECT device, "user", max("lastAt") AS "lastAt", sum(count) AS events FROM ${interactions} GROUP BY ALL
    ) GROUP BY ALL`);
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE owners AS
    SELECT device AS "user", owner FROM seen_devices WHERE is_alone AND users BETWEEN 1 AND ${usersOfDevice}`);
  await connection.run(`
    CREATE OR REPLACE TEMP VIEW linked_interactions AS
    SELECT rows.* EXCLUDE (device) REPLACE (coalesce(owner, rows."user") AS "user")
    FROM ${interactions} AS rows
      LEFT JOIN owners ON owners."user" = CASE WHEN rows.device IS NULL THEN rows."user" END`);
  const [counts] = await query<{ devices: number }>(
    connection,
    "SELECT count(*)::DOUBLE AS devices FROM owners",
  );
  const [shared] = await query<NonNullable<PeopleMetrics["shared"]>>(
    connection,
    `SELECT device, users::DOUBLE AS users, events::DOUBLE AS events FROM seen_devices
     WHERE users > ${usersOfDevice} ORDER BY events DESC, device LIMIT 1`,
  );
  return { interactions: "linked_interactions", devices: counts!.devices, shared };
}

/** Who looks at more than a person can, or faster, and neither buys nor fills a basket. */
async function findRobots(
  connection: DuckDBConnection,
  interactions: Interactions,
  { robotItems, robotViews, robotMicros }: PeopleRules,
): Promise<Pick<PeopleMetrics, "robots" | "robotEvents">> {
  if (robotItems === 0) return { robots: 0, robotEvents: 0 };
  // Few have such a day, and distinct counts cost the most: so only their rows are looked at.
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE suspects AS
    SELECT "user", day, item, event, "lastAt" FROM ${interactions}
    WHERE "user" IN (SELECT "user" FROM user_days WHERE views >= ${Math.min(robotViews, robotItems)})`);
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE robots AS
    SELECT "user" FROM (
      SELECT "user", count(DISTINCT item) AS items, count(DISTINCT "lastAt") AS times,
        max("lastAt") - min("lastAt") AS span
      FROM suspects WHERE event = 'view_item' GROUP BY "user", day
    ) GROUP BY "user"
    HAVING bool_or(items > ${robotItems} OR (times >= ${robotViews} AND span < ${robotMicros} * (times - 1)))
      AND "user" NOT IN (SELECT "user" FROM suspects WHERE event <> 'view_item')`);
  const [counts] = await query<Pick<PeopleMetrics, "robots" | "robotEvents">>(
    connection,
    `SELECT count(DISTINCT "user")::DOUBLE AS robots, coalesce(sum(events), 0)::DOUBLE AS "robotEvents"
     FROM user_days SEMI JOIN robots USING ("user")`,
  );
  await connection.run("DROP TABLE suspects");
  return counts!;
}
