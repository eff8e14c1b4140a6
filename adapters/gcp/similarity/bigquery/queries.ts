import { EVENTS, REVIEW } from "../../../../contracts/interactions.ts";
import type { ScopeBounds } from "../../../../contracts/jobs.ts";
import { knobsOfAll, type Knobs } from "../../../../contracts/settings/similarity.ts";
import { perTable, TABLE_NAMES, TABLES, type TableName } from "../../../../contracts/tables.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import type { JobQuery } from "../../bigquery-jobs.ts";
import { latest } from "../../export/export-query.ts";
import { knobSql, merged } from "./knob-sql.ts";
import { pairQueries } from "./pair-queries.ts";
import { shareSql } from "./review-queries.ts";
import { create, type Tables } from "./tables.ts";

/**
 * The ratings of all tables, as the embedded engine reads them. The cap is that of
 * core/ratings/ratings.ts: a user's most recent items, ties by the hash of the id.
 */
export function entriesQuery({ interactions, entries }: Tables, settings: Settings): JobQuery {
  const knobs = knobsOfAll(settings);
  const weighted = knobSql(
    "weighted",
    "BOOL",
    perTable((table) => knobs[table].vectors === "weighted"),
  );
  const cap = knobSql(
    "cap",
    "INT64",
    perTable((table) => knobs[table].cap),
  );
  const weights = EVENTS.map((event) =>
    knobSql(
      event,
      "FLOAT64",
      perTable((table) => knobs[table].eventWeights[event]),
    ),
  );
  const ratings = TABLE_NAMES.map((table) => {
    const cases = EVENTS.map((event, k) => `WHEN '${event}' THEN ${weights[k].of(table)}`).join(" ");
    const events = [...TABLES[table].events, REVIEW].map((event) => `'${event}'`).join(", ");
    return `
      SELECT '${table}' AS scenario, user, item, SUM(count * CASE event ${cases} WHEN '${REVIEW}' THEN 1 END) AS value,
        COALESCE(MAX(IF(event = '${REVIEW}', NULL, lastAt)), MAX(lastAt)) AS lastAt
      FROM \`${interactions}\` WHERE event IN (${events})
      GROUP BY user, item`;
  });
  const newest = "ROW_NUMBER() OVER (PARTITION BY scenario, user ORDER BY lastAt DESC, SHA256(item))";
  const most = cap.by("scenario");
  return {
    query: `${create(entries)}
    SELECT scenario, user, item, value, capped,
      ROW_NUMBER() OVER (PARTITION BY scenario, user, capped ORDER BY lastAt, item) AS place,
      COUNT(*) OVER (PARTITION BY scenario, user, capped) AS length
    FROM (
      SELECT scenario, user, item, IF(${weighted.by("scenario")}, value, 1) AS value, lastAt,
        ${most} = 0 OR ${newest} <= ${most} AS capped
      FROM (${ratings.join(" UNION ALL ")})
      WHERE NOT ${weighted.by("scenario")} OR value > 0
    )`,
    ...merged([weighted, cap, ...weights]),
  };
}

/**
 * One row: items and users; for each scenario its entries, its entries within the cap, and their
 * ordered pairs.
 */
export function countsQuery({ interactions, entries }: Tables, settings: Settings): JobQuery {
  const knobs = knobsOfAll(settings);
  const reach = knobSql(
    "reach",
    "INT64",
    perTable((table) => reachOf(knobs[table])),
  );
  const near = `LEAST(${reach.by("scenario")}, GREATEST(capped - 1, 0))`;
  return {
    query: `
    SELECT (SELECT COUNT(DISTINCT item) FROM \`${interactions}\`) AS items,
      (SELECT COUNT(DISTINCT user) FROM \`${interactions}\`) AS users,
      ARRAY(
        SELECT AS STRUCT scenario, SUM(entries) AS entries, SUM(capped) AS capped,
          SUM(${near} * (2 * capped - ${near} - 1)) AS pairs
        FROM (
          SELECT scenario, user, COUNT(*) AS entries, COUNTIF(capped) AS capped
          FROM \`${entries}\` GROUP BY scenario, user
        ) GROUP BY scenario
      ) AS scenarios`,
    ...merged([reach]),
  };
}

/** How many places apart two items of a history may stand; histories have fewer items than 2^31. */
const reachOf = ({ method, window }: Knobs) => (method === "order" ? window : 2 ** 31);

export interface Counts {
  items: number;
  users: number;
  scenarios: { scenario: string; entries: number; capped: number; pairs: number }[];
}

/**
 * The definitions in ARCHITECTURE.md: s(i,j) = dot / (|i|^2a |j|^(2-2a)) n/(n+L), in millionths as
 * core/text/order.ts rounds them, the best of each item. `pairQueries` says what a dot is.
 */
export function neighboursQuery({ entries, neighbours, reviews }: Tables, settings: Settings): JobQuery {
  const knobs = knobsOfAll(settings);
  const alpha = knobSql(
    "alpha",
    "FLOAT64",
    perTable((table) => knobs[table].alpha),
  );
  const shrinkage = knobSql(
    "shrinkage",
    "FLOAT64",
    perTable((table) => knobs[table].shrinkage),
  );
  const minSupport = knobSql(
    "minSupport",
    "INT64",
    perTable((table) => knobs[table].minSupport),
  );
  const share = shareSql(reviews, settings);
  const { pairs, ...ofPairs } = pairQueries(knobs, minSupport);
  const a = alpha.by("pairs.scenario");
  const above = "value - FLOOR(value) - 0.5";
  return {
    query: `${create(neighbours)}
    WITH ratings AS (SELECT scenario, user, item, value, place, length FROM \`${entries}\` WHERE capped),
    norms AS (SELECT scenario, item, SUM(value * value) AS norm FROM ratings GROUP BY scenario, item),
    pairs AS (${pairs}),
    scores AS (
      SELECT pairs.scenario, pairs.item, neighbour,
        1e6 * dot / (POW(i.norm, ${a}) * POW(j.norm, 1 - ${a})) * (n / (n + ${shrinkage.by("pairs.scenario")}))${share.factor} AS value
      FROM pairs
      JOIN norms AS i ON i.scenario = pairs.scenario AND i.item = pairs.item
      JOIN norms AS j ON j.scenario = pairs.scenario AND j.item = pairs.neighbour
      ${share.join}
    ),
    rounded AS (
      SELECT scenario, item, neighbour, LEAST(2147483647, FLOOR(value) + CASE
        WHEN ${above} > 1e-6 THEN 1
        WHEN ${above} < -1e-6 THEN 0
        ELSE MOD(CAST(FLOOR(value) AS INT64), 2) END) AS score
      FROM scores
    )
    ${bestOf(perTable((table) => knobs[table].top))}`,
    ...merged([alpha, shrinkage, minSupport, share, ofPairs]),
  };
}

/**
 * In BigQuery an aggregate's LIMIT is a constant, so tables with different limits are aggregated
 * apart.
 */
function bestOf(top: Record<TableName, number>): string {
  const best = (limit: number, condition: string) => `SELECT scenario, item,
      ARRAY_AGG(STRUCT(neighbour AS item, score / 1e6 AS score) ORDER BY score DESC, neighbour LIMIT ${limit}) AS neighbours
    FROM rounded WHERE score > 0${condition}
    GROUP BY scenario, item`;
  const [first, ...others] = TABLE_NAMES.map((table) => top[table]);
  if (others.every((other) => other === first)) return best(first, "");
  return TABLE_NAMES.map((table) => best(top[table], ` AND scenario = '${table}'`)).join(" UNION ALL ");
}

export const readNeighbours = ({ neighbours }: Tables): JobQuery => ({
  query: `SELECT scenario, item, neighbours FROM \`${neighbours}\``,
});

/** The number of neighbours of each scenario. */
export const countNeighbours = ({ neighbours }: Tables): JobQuery => ({
  query: `SELECT scenario, SUM(ARRAY_LENGTH(neighbours)) AS neighbours FROM \`${neighbours}\` GROUP BY scenario`,
});

export interface NeighbourCount {
  scenario: string;
  neighbours: number;
}

/**
 * Each item's latest name, category and price, and its counts of users, views and purchases: see
 * CatalogueRow.
 */
export function catalogueQuery({ interactions }: Tables): JobQuery {
  const events = (event: string) => `CAST(SUM(IF(event = '${event}', count, 0)) AS INT64)`;
  return {
    query: `
    SELECT item, ${["name", "category", "price"].map(latest).join(", ")}, CAST(NULL AS BOOL) AS available,
      COUNT(DISTINCT user) AS users, ${events("view_item")} AS views, ${events("purchase")} AS purchases
    FROM \`${interactions}\` GROUP BY item`,
  };
}

/** The scope of each user, and the scopes that are listed: see ScopeRow. */
const SCOPES = ({ interactions }: Tables) => `
    belongs AS (
      SELECT user, ARRAY_AGG(scope ORDER BY lastAt DESC, scope DESC LIMIT 1)[OFFSET(0)] AS scope
      FROM \`${interactions}\` WHERE scope IS NOT NULL GROUP BY user
    ),
    found AS (SELECT scope, COUNT(*) AS users FROM belongs GROUP BY scope),
    listed AS (SELECT scope, users FROM found WHERE users >= @minUsers ORDER BY users DESC, scope LIMIT @most)`;

const boundsIn = ({ minUsers, most }: ScopeBounds): Pick<JobQuery, "params" | "types"> => ({
  params: { minUsers, most },
  types: { minUsers: "INT64", most: "INT64" },
});

/** ScopeRows. */
export const scopesQuery = (tables: Tables, bounds: ScopeBounds): JobQuery => ({
  query: `
    WITH ${SCOPES(tables)},
    counts AS (
      SELECT listed.scope, listed.users AS total, done.item, COUNT(DISTINCT done.user) AS users
      FROM \`${tables.interactions}\` AS done
      JOIN belongs ON belongs.user = done.user JOIN listed ON listed.scope = belongs.scope
      GROUP BY listed.scope, listed.users, done.item
    )
    SELECT scope, total AS users, ARRAY_AGG(STRUCT(item AS item, users AS users) ORDER BY users DESC, item LIMIT ${bounds.items}) AS items
    FROM counts GROUP BY scope, total`,
  ...boundsIn(bounds),
});

/** One row: ScopeMetrics. */
export const countScopes = (tables: Tables, bounds: ScopeBounds): JobQuery => ({
  query: `
    WITH ${SCOPES(tables)}
    SELECT (SELECT COUNT(*) FROM found) AS found, (SELECT COUNT(*) FROM found WHERE users < @minUsers) AS small,
      (SELECT COUNT(*) FROM listed) AS listed`,
  ...boundsIn(bounds),
});
