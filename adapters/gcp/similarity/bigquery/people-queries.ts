import { peopleRulesOf } from "../../../../contracts/jobs.ts";
import type { PeopleMetrics } from "../../../../contracts/metrics.ts";
import { haveScopes } from "../../../../contracts/settings/events.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import type { JobQuery } from "../../bigquery-jobs.ts";
import { create, type Tables } from "./tables.ts";

/** Who is who, and who is a robot: PeopleRules of contracts/jobs.ts. `columns`: beside `user`. */
function peopleIn({ pinned }: Tables, settings: Settings, columns: string): JobQuery {
  const { linkDevices, ...rules } = peopleRulesOf(settings);
  const seen = `
    seen AS (
      SELECT device, ARRAY_AGG(user ORDER BY lastAt DESC, user DESC LIMIT 1)[OFFSET(0)] AS owner,
        COUNT(DISTINCT user) AS users, SUM(count) AS events
      FROM \`${pinned}\` WHERE device IS NOT NULL GROUP BY device
    ),
    owners AS (SELECT device, owner FROM seen WHERE users <= @usersOfDevice),
    linked AS (
      SELECT COALESCE(owner, user) AS user, owner IS NOT NULL AS isLinked, user AS was, ${columns}
      FROM \`${pinned}\` AS done
        LEFT JOIN owners ON owners.device = CASE WHEN done.device IS NULL THEN done.user END
    )`;
  const asTheyAre = `
    seen AS (SELECT '' AS device, 0 AS users, 0 AS events FROM UNNEST([1]) WHERE FALSE),
    linked AS (SELECT user, FALSE AS isLinked, user AS was, ${columns} FROM \`${pinned}\`)`;
  return {
    query: `
    WITH ${linkDevices ? seen : asTheyAre},
    busy AS (
      SELECT user, COUNT(DISTINCT item) AS items, COUNT(DISTINCT lastAt) AS times, MAX(lastAt) - MIN(lastAt) AS span
      FROM linked WHERE event = 'view_item' AND @robotItems > 0 GROUP BY user, day
    ),
    robots AS (
      SELECT DISTINCT user FROM busy
      WHERE (items > @robotItems OR (times >= @robotViews AND span < @robotMicros * (times - 1)))
        AND user NOT IN (SELECT user FROM linked WHERE event != 'view_item')
    ),
    users AS (SELECT user, SUM(count) AS events FROM linked GROUP BY user)`,
    params: { ...rules, ...(linkDevices ? {} : { usersOfDevice: 0 }) },
    types: Object.fromEntries(Object.keys(rules).map((name) => [name, "INT64"])),
  };
}

/** Makes the table of the interactions of people. */
export function peopleQuery(tables: Tables, settings: Settings): JobQuery {
  const columns = `item, event, count, lastAt, day, name, category, price${haveScopes(settings) ? ", scope" : ""}`;
  const people = peopleIn(tables, settings, columns);
  return {
    ...people,
    query: `${create(tables.events ?? tables.interactions)} ${people.query}
    SELECT user, ${columns} FROM linked
    WHERE user NOT IN (SELECT user FROM robots)
      OR (SELECT 2 * COUNT(*) FROM robots) > (SELECT COUNT(*) FROM users)`,
  };
}

/** One row: see `peopleMetrics`. */
export function countPeople(tables: Tables, settings: Settings): JobQuery {
  const people = peopleIn(tables, settings, "item, event, count, lastAt, day");
  return {
    ...people,
    query: `${people.query}
    SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT SUM(events) FROM users) AS events,
      (SELECT COUNT(DISTINCT was) FROM linked WHERE isLinked) AS devices,
      (SELECT COUNT(*) FROM robots) AS robots,
      (SELECT COALESCE(SUM(events), 0) FROM users WHERE user IN (SELECT user FROM robots)) AS robotEvents,
      ARRAY(SELECT AS STRUCT user, events FROM users ORDER BY events DESC, user DESC LIMIT 1) AS largest,
      ARRAY(SELECT AS STRUCT device, users, events FROM seen WHERE users > @usersOfDevice
        ORDER BY events DESC, device LIMIT 1) AS shared`,
  };
}

export interface PeopleCounts extends Record<
  "users" | "events" | "devices" | "robots" | "robotEvents",
  number
> {
  largest: NonNullable<PeopleMetrics["largest"]>[];
  shared: NonNullable<PeopleMetrics["shared"]>[];
}

/** Counts as numbers: BigQuery may send sums as text. */
export function peopleMetrics({ largest: [most], shared: [shared], ...counts }: PeopleCounts): PeopleMetrics {
  const { users, events, devices, robots, robotEvents } = counts;
  return {
    users: Number(users),
    events: Number(events),
    devices: Number(devices),
    robots: Number(robots),
    robotEvents: Number(robotEvents),
    ...(most ? { largest: { user: most.user, events: Number(most.events) } } : {}),
    ...(shared
      ? { shared: { device: shared.device, users: Number(shared.users), events: Number(shared.events) } }
      : {}),
  };
}
