import type { DuckDBConnection } from "@duckdb/node-api";
import type { PeopleRules } from "../../../contracts/jobs.ts";
import type { PeopleMetrics } from "../../../contracts/metrics.ts";
import { query } from "../duckdb.ts";
import type { Interactions } from "./read-ratings.ts";

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
  const [sizes] = await query<Pick<PeopleMetrics, "users" | "events" | "largest">>(
    connection,
    `SELECT count(*)::DOUBLE AS users, coalesce(sum(events), 0) AS events,
       max(struct_pack(events := events, "user" := "user")) AS largest
     FROM (SELECT "user", sum(count)::DOUBLE AS events FROM ${owned} GROUP BY "user")`,
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
    SELECT device, max(struct_pack(at := "lastAt", owner := "user")).owner AS owner,
      count(DISTINCT "user") AS users, sum(count) AS events
    FROM ${interactions} WHERE device IS NOT NULL GROUP BY device`);
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE owners AS
    SELECT device AS "user", owner FROM seen_devices WHERE users <= ${usersOfDevice}`);
  await connection.run(`
    CREATE OR REPLACE TEMP VIEW linked_interactions AS
    SELECT rows.* EXCLUDE (device) REPLACE (coalesce(owner, rows."user") AS "user")
    FROM ${interactions} AS rows
      LEFT JOIN owners ON owners."user" = CASE WHEN rows.device IS NULL THEN rows."user" END`);
  const [counts] = await query<{ devices: number }>(
    connection,
    `SELECT count(DISTINCT "user")::DOUBLE AS devices
     FROM ${interactions} SEMI JOIN owners USING ("user") WHERE device IS NULL`,
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
  const views = `SELECT "user", day, item, "lastAt" FROM ${interactions} WHERE event = 'view_item'`;
  const busy = `SELECT "user", day FROM (${views}) GROUP BY ALL HAVING count(*) >= ${Math.min(robotViews, robotItems)}`;
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE robots AS
    SELECT DISTINCT "user" FROM (
      SELECT "user", day, count(DISTINCT item) AS items, count(DISTINCT "lastAt") AS times,
        max("lastAt") - min("lastAt") AS span
      FROM (${views}) SEMI JOIN (${busy}) USING ("user", day) GROUP BY ALL
    )
    WHERE (items > ${robotItems} OR (times >= ${robotViews} AND span < ${robotMicros} * (times - 1)))
      AND "user" NOT IN (SELECT "user" FROM ${interactions} WHERE event <> 'view_item')`);
  const [counts] = await query<Pick<PeopleMetrics, "robots" | "robotEvents">>(
    connection,
    `SELECT (SELECT count(*) FROM robots)::DOUBLE AS robots, coalesce(sum(count), 0)::DOUBLE AS "robotEvents"
     FROM ${interactions} SEMI JOIN robots USING ("user")`,
  );
  return counts!;
}
