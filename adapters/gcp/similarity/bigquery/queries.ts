import { EVENTS } from "../../../../contracts/interactions.ts";
import { TABLES } from "../../../../contracts/tables.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import type { JobQuery } from "../../bigquery-jobs.ts";
import { latest } from "../../export/query.ts";

/** The tables of an attempt, by what they hold; their names are BigQuery's: project.dataset.table. */
export interface Tables {
  /** user, item, event, count, lastAt, name, category, price: the pinned exports. */
  interactions: string;
  /** scenario, user, item, value, capped: the ratings, and which of them the cap leaves. */
  entries: string;
  /** scenario, item, neighbours. */
  neighbours: string;
}

const create = (table: string) =>
  `CREATE OR REPLACE TABLE \`${table}\`
   OPTIONS (expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 1 DAY)) AS`;

/**
 * The ratings of all scenarios, as adapters/local/similarity/read-ratings.ts reads them, with the cap of core/ratings/ratings.ts: a user's
 * most recent items, ties to the larger id.
 */
export function entriesQuery({ interactions, entries }: Tables, settings: Settings): JobQuery {
  const { vectors, cap, eventWeights } = settings;
  const weight = `CASE event ${EVENTS.map((event) => `WHEN '${event}' THEN @${event}`).join(" ")} END`;
  const scenarios = Object.entries(TABLES).map(
    ([name, { events }]) => `
      SELECT '${name}' AS scenario, user, item, SUM(count * ${weight}) AS value, MAX(lastAt) AS lastAt
      FROM \`${interactions}\` WHERE event IN (${events.map((event) => `'${event}'`).join(", ")})
      GROUP BY user, item`,
  );
  const newest = "ROW_NUMBER() OVER (PARTITION BY scenario, user ORDER BY lastAt DESC, item DESC)";
  return {
    query: `${create(entries)}
    SELECT scenario, user, item, IF(@weighted, value, 1) AS value, @cap = 0 OR ${newest} <= @cap AS capped
    FROM (${scenarios.join(" UNION ALL ")})
    WHERE NOT @weighted OR value > 0`,
    params: { weighted: vectors === "weighted", cap, ...eventWeights },
    types: {
      weighted: "BOOL",
      cap: "INT64",
      ...Object.fromEntries(EVENTS.map((event) => [event, "FLOAT64"])),
    },
  };
}

/** One row: items and users; scenarios with their entries, those that the cap leaves, and ordered pairs of these. */
export const countsQuery = ({ interactions, entries }: Tables): JobQuery => ({
  query: `
    SELECT (SELECT COUNT(DISTINCT item) FROM \`${interactions}\`) AS items,
      (SELECT COUNT(DISTINCT user) FROM \`${interactions}\`) AS users,
      ARRAY(
        SELECT AS STRUCT scenario, SUM(entries) AS entries, SUM(capped) AS capped, SUM(capped * (capped - 1)) AS pairs
        FROM (
          SELECT scenario, user, COUNT(*) AS entries, COUNTIF(capped) AS capped
          FROM \`${entries}\` GROUP BY scenario, user
        ) GROUP BY scenario
      ) AS scenarios`,
});

export interface Counts {
  items: number;
  users: number;
  scenarios: { scenario: string; entries: number; capped: number; pairs: number }[];
}

/**
 * The definition of ARCHITECTURE.md: s(i,j) = dot / (|i|^2a |j|^(2-2a)) n/(n+L), in millionths as core/text/order.ts rounds them,
 * the best of each item. A pair of items is added up once, and then seen from either side.
 */
export function neighboursQuery({ entries, neighbours }: Tables, settings: Settings): JobQuery {
  const { alpha, shrinkage, minSupport, top } = settings;
  const above = "value - FLOOR(value) - 0.5";
  return {
    query: `${create(neighbours)}
    WITH ratings AS (SELECT scenario, user, item, value FROM \`${entries}\` WHERE capped),
    norms AS (SELECT scenario, item, SUM(value * value) AS norm FROM ratings GROUP BY scenario, item),
    dots AS (
      SELECT a.scenario, a.item AS one, b.item AS other, SUM(a.value * b.value) AS dot, COUNT(*) AS n
      FROM ratings AS a JOIN ratings AS b ON a.scenario = b.scenario AND a.user = b.user AND a.item < b.item
      GROUP BY a.scenario, a.item, b.item
      HAVING COUNT(*) >= @minSupport
    ),
    pairs AS (
      SELECT scenario, IF(forth, one, other) AS item, IF(forth, other, one) AS neighbour, dot, n
      FROM dots CROSS JOIN UNNEST([TRUE, FALSE]) AS forth
    ),
    scores AS (
      SELECT pairs.scenario, pairs.item, neighbour,
        1e6 * dot / (POW(i.norm, @alpha) * POW(j.norm, 1 - @alpha)) * (n / (n + @shrinkage)) AS value
      FROM pairs
      JOIN norms AS i ON i.scenario = pairs.scenario AND i.item = pairs.item
      JOIN norms AS j ON j.scenario = pairs.scenario AND j.item = pairs.neighbour
    ),
    rounded AS (
      SELECT scenario, item, neighbour, LEAST(2147483647, FLOOR(value) + CASE
        WHEN ${above} > 1e-6 THEN 1
        WHEN ${above} < -1e-6 THEN 0
        ELSE MOD(CAST(FLOOR(value) AS INT64), 2) END) AS score
      FROM scores
    )
    SELECT scenario, item,
      ARRAY_AGG(STRUCT(neighbour AS item, score / 1e6 AS score) ORDER BY score DESC, neighbour LIMIT ${top}) AS neighbours
    FROM rounded WHERE score > 0
    GROUP BY scenario, item`,
    params: { alpha, shrinkage, minSupport },
    types: { alpha: "FLOAT64", shrinkage: "FLOAT64", minSupport: "INT64" },
  };
}

export const readNeighbours = ({ neighbours }: Tables): JobQuery => ({
  query: `SELECT scenario, item, neighbours FROM \`${neighbours}\``,
});

/** How many neighbours each scenario has. */
export const countNeighbours = ({ neighbours }: Tables): JobQuery => ({
  query: `SELECT scenario, SUM(ARRAY_LENGTH(neighbours)) AS neighbours FROM \`${neighbours}\` GROUP BY scenario`,
});

export interface NeighbourCount {
  scenario: string;
  neighbours: number;
}

/** What the last event that said something said of each item, and how often it was wanted: see CatalogueRow. */
export function catalogueQuery({ interactions }: Tables): JobQuery {
  const events = (event: string) => `SUM(IF(event = '${event}', count, 0))`;
  return {
    query: `
    SELECT item, ${["name", "category", "price"].map(latest).join(", ")}, TRUE AS available,
      COUNT(DISTINCT user) AS users, ${events("view_item")} AS views, ${events("purchase")} AS purchases
    FROM \`${interactions}\` GROUP BY item`,
  };
}
