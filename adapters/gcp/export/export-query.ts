import type { ErasedUsers } from "../../../contracts/erased-list.ts";
import { EVENTS, MAX_ID_BYTES } from "../../../contracts/interactions.ts";
import { missingIdPattern } from "../../../contracts/missing-ids.ts";
import { ROW_FILES } from "../../../contracts/layout.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { JobQuery } from "../bigquery-jobs.ts";
import { tableOf } from "./event-tables.ts";

/**
 * A day's interactions, and what their events said about the items. adapters/local/export reads the
 * same from the same rows.
 * It names the day's own table instead of a wildcard. So nothing needs pruning (a filter on
 * _TABLE_SUFFIX by a parameter might not prune), intraday tables cannot match, and the columns are
 * this table's. A wildcard takes them from the newest table.
 */
export function dayQuery(settings: Settings, day: string, erased: ErasedUsers = {}): JobQuery {
  const { ga4Scope } = settings;
  const said = ga4Scope === undefined ? "" : `, ${scopeIn(ga4Scope)} AS said`;
  return rowsQuery(settings, erased, (hasErased) =>
    interactionsQuery(reasonedRows(tableOf(settings, day), hasErased, said), settings),
  );
}

/** How many of a day's rows do not count, by reason: `reason`, `rows`. */
export function rejectsQuery(settings: Settings, day: string, erased: ErasedUsers = {}): JobQuery {
  return rowsQuery(
    settings,
    erased,
    (hasErased) => `
    SELECT reason, COUNT(*) AS \`rows\` FROM (${reasonedRows(tableOf(settings, day), hasErased, "")})
    WHERE reason IS NOT NULL GROUP BY reason`,
  );
}

/** A query over `reasonedRows`, with its parameters. */
function rowsQuery(settings: Settings, erased: ErasedUsers, query: (hasErased: boolean) => string): JobQuery {
  const device = settings.identity === "user_pseudo_id";
  const hasErased = Object.keys(erased).length > 0;
  const [noUser, noItem] = [
    missingIdPattern("user", settings.missingIds),
    missingIdPattern("item", settings.missingIds),
  ];
  return {
    query: query(hasErased),
    params: {
      device,
      noUser: `^(?:${noUser})$`,
      noItem: `^(?:${noItem})$`,
      ...eventNames(settings),
      ...(hasErased ? { erased: textOf(erased) } : {}),
    },
    // BigQuery cannot tell the type of an empty array.
    types: { device: "BOOL", other: "STRING", ...Object.fromEntries(EVENTS.map(textsOf)) },
  };
}

/**
 * One parameter for all erased users: with 100,000 of them it has 6 MB, and a request of BigQuery
 * may have 10.
 */
const textOf = (erased: ErasedUsers): string =>
  Object.entries(erased)
    .map(([name, { at }]) => `${Buffer.from(name, "hex").toString("base64")} ${1000 * Date.parse(at)}`)
    .join(",");

/** SQL: rows with a column `user`, and beside it when the user was erased, if ever. */
const WITH_ERASED = `
    LEFT JOIN (
      SELECT SPLIT(entry, ' ')[OFFSET(0)] AS erased_name, CAST(SPLIT(entry, ' ')[OFFSET(1)] AS INT64) AS erased_at
      FROM UNNEST(SPLIT(@erased, ',')) AS entry
    ) ON TO_BASE64(SHA256(user)) = erased_name`;

const textsOf = (event: string) => [event, ["STRING"]] as const;

/**
 * Event names by meaning, in lower case; the shop's own names win. `other` is the meaning of every
 * other name.
 */
function eventNames({ eventNames }: Pick<Settings, "eventNames">) {
  const { "*": other, ...own } = eventNames;
  const meaning = new Map<string, string>();
  for (const [name, event] of [...Object.entries(own), ...EVENTS.map((event) => [event, event])]) {
    const key = name.toLowerCase();
    if (!meaning.has(key)) meaning.set(key, event);
  }
  const named = (event: string) => [...meaning].filter(([, means]) => means === event).map(([name]) => name);
  return { ...Object.fromEntries(EVENTS.map((event) => [event, named(event)])), other: other ?? "" };
}

/** SQL: a text that is no id: contracts/missing-ids.ts. */
const isMissing = (column: "user" | "item", text: string) =>
  `(${text} IS NULL OR REGEXP_CONTAINS(${text}, ${column === "user" ? "@noUser" : "@noItem"}))`;
const isBlank = (text: string) => `COALESCE(TRIM(${text}, ' \\t\\r\\n'), '') = ''`;
const isId = (text: string) => `NOT (${isBlank(text)}) AND BYTE_LENGTH(${text}) <= ${MAX_ID_BYTES}`;
const attribute = (text: string) => `IF(${isBlank(text)} OR ${text} = '(not set)', NULL, ${text})`;
/**
 * SQL: a column's value where `lastAt` is greatest among the rows that have one. Of two at the same
 * microsecond it takes the greater value.
 */
export const latest = (column: string) =>
  `ARRAY_AGG(${column} ORDER BY ${column} IS NULL, lastAt DESC, ${column} DESC LIMIT 1)[OFFSET(0)] AS ${column}`;

/**
 * SQL for the field of an event that the setting `ga4Scope` names: geo.region, user_property:store.
 */
function scopeIn(ga4Scope: string): string {
  const [kind, key] = ga4Scope.split(":");
  if (key === undefined) return ga4Scope;
  const entries = kind === "user_property" ? "user_properties" : "event_params";
  const value = "COALESCE(entry.value.string_value, CAST(entry.value.int_value AS STRING))";
  return `(SELECT MAX(${value}) FROM UNNEST(${entries}) AS entry WHERE entry.key = '${key}')`;
}

/** A user has one scope a day: see `interactions` in adapters/local/export/write-days.ts. */
const withScopeOfDay = (rows: string) => `
      SELECT *, FIRST_VALUE(IF(${isId("said")} AND said != '(not set)', said, NULL) IGNORE NULLS) OVER (
        PARTITION BY user, day ORDER BY lastAt DESC, said DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS scope
      FROM (${rows})`;

function interactionsQuery(rows: string, { ga4Scope, identity }: Settings): string {
  const scope = ga4Scope === undefined ? "" : ", scope";
  const device = identity === "last_user_id" ? ", device" : "";
  const counted = `SELECT * FROM (${rows}) WHERE reason IS NULL`;
  return `
    SELECT user, item, event, COUNT(*) AS count, MAX(lastAt) AS lastAt, day,
      ${["name", "category", "price"].map(latest).join(",\n      ")}${scope}${device}
    FROM (${scope ? withScopeOfDay(counted) : counted}
    )
    GROUP BY user${device}, item, event, day${scope}`;
}

/** SQL: the time lies between 2000 and tomorrow. */
const IS_PLAUSIBLE = `lastAt >= UNIX_MICROS(TIMESTAMP '2000-01-01')
          AND lastAt < UNIX_MICROS(TIMESTAMP(DATE_ADD(CURRENT_DATE(), INTERVAL 2 DAY)))`;

/**
 * One row for each item of an event of the three, and one for an event without items: with the
 * first reason that fits for which it does not count, or NULL. adapters/local/export/stage-file.ts
 * has the same reasons.
 */
function reasonedRows(events: string, hasErased: boolean, more: string): string {
  const meaning = EVENTS.map((event) => `WHEN LOWER(event_name) IN UNNEST(@${event}) THEN '${event}'`);
  return `
      SELECT *, CASE
        ${hasErased ? `WHEN erased_at IS NOT NULL AND NOT COALESCE(lastAt > erased_at AND ${IS_PLAUSIBLE}, FALSE) THEN 'erased'` : ""}
        WHEN NOT COALESCE(day IS NOT NULL AND ${IS_PLAUSIBLE}, FALSE) THEN 'bad_time'
        WHEN ${isMissing("item", "item")} THEN 'no_item'
        WHEN BYTE_LENGTH(item) > ${MAX_ID_BYTES} OR BYTE_LENGTH(user) > ${MAX_ID_BYTES} THEN 'bad_id'
        WHEN ${isMissing("user", "user")} THEN 'no_user'
        WHEN event = 'purchase' AND quantity <= 0 THEN 'cancelled'
      END AS reason,
        IF(${hasErased ? "erased_at IS NULL AND " : ""}BYTE_LENGTH(seen_on) <= ${MAX_ID_BYTES}, seen_on, NULL) AS device
      FROM (
        SELECT
          IF(@device OR ${isMissing("user", "user_id")}, user_pseudo_id, user_id) AS user,
          IF(${isMissing("user", "user_id")} OR ${isMissing("user", "user_pseudo_id")}, NULL, user_pseudo_id) AS seen_on,
          CASE ${meaning.join(" ")} ELSE NULLIF(@other, '') END AS event,
          event_timestamp AS lastAt,
          CAST(SAFE.PARSE_DATE('%Y%m%d', event_date) AS STRING) AS day,
          item.item_id AS item,
          ${attribute("item.item_name")} AS name,
          ${attribute("item.item_category")} AS category,
          IF(IS_NAN(item.price) OR IS_INF(item.price), NULL, item.price) AS price,
          item.quantity AS quantity${more}
        FROM \`${events}\` LEFT JOIN UNNEST(items) AS item
      )${hasErased ? WITH_ERASED : ""}
      WHERE event IS NOT NULL`;
}

/** Writes a query's rows below a folder of a bucket. BigQuery decides on the number of files. */
export function exportTo(
  folder: string,
  format: Settings["exportFormat"],
  { query, ...rest }: JobQuery,
): JobQuery {
  const uri = `uri = '${folder}${ROW_FILES[format]}'`;
  const written =
    format === "parquet"
      ? `format = 'PARQUET', compression = 'SNAPPY'`
      : `format = 'JSON', compression = 'GZIP'`;
  return { ...rest, query: `EXPORT DATA OPTIONS (${uri}, ${written}, overwrite = true) AS ${query}` };
}
