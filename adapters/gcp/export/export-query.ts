import type { ErasedUsers } from "../../../contracts/erased-list.ts";
import type { ItemAliases } from "../../../contracts/item-aliases.ts";
import { MAX_ID_BYTES } from "../../../contracts/interactions.ts";
import { ROW_FILES } from "../../../contracts/layout.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { JobQuery } from "../bigquery-jobs.ts";
import { isBlank, isMissing, type EventRows } from "./event-rows.ts";

/**
 * A day's interactions, and what their events said about the items. adapters/local/export reads the
 * same from the same rows.
 */
export function dayQuery(rows: EventRows, erased: ErasedUsers = {}, aliases?: ItemAliases): JobQuery {
  const hasNewIds = aliases !== undefined && aliases.newIds.size > 0;
  const { params, ...query } = overRows(rows, erased, rows.hasScopes, (reasoned) =>
    interactionsQuery(hasNewIds ? withNewIds(reasoned) : reasoned, rows),
  );
  return { ...query, params: { ...params, ...(hasNewIds ? { newIds: pairsOf(aliases) } : {}) } };
}

/** How many of a day's rows do not count, by reason: `reason`, `rows`. */
export function rejectsQuery(rows: EventRows, erased: ErasedUsers = {}): JobQuery {
  const counted = (reasoned: string) => `
    SELECT reason, COUNT(*) AS \`rows\` FROM (${reasoned})
    WHERE reason IS NOT NULL GROUP BY reason`;
  return overRows(rows, erased, false, counted);
}

/** A query over `reasonedRows`, with its parameters. */
function overRows(
  { select, params, types }: EventRows,
  erased: ErasedUsers,
  withScope: boolean,
  query: (reasoned: string) => string,
): JobQuery {
  const hasErased = Object.keys(erased).length > 0;
  const more = hasErased ? { erased: textOf(erased) } : {};
  return {
    query: query(reasonedRows(select(withScope), hasErased)),
    params: { ...params, ...more },
    types: types!,
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

/** One parameter, for the same reason. No id has controls. */
const pairsOf = ({ newIds }: ItemAliases): string =>
  [...newIds].map(([old, now]) => `${old}\t${now}`).join("\n");

/** SQL: rows whose items have the ids that they have now. */
const withNewIds = (rows: string) => `
      SELECT rows_of.* EXCEPT (item), COALESCE(new_item, item) AS item FROM (${rows}) AS rows_of
      LEFT JOIN (
        SELECT SPLIT(pair, '\\t')[OFFSET(0)] AS old_item, SPLIT(pair, '\\t')[OFFSET(1)] AS new_item
        FROM UNNEST(SPLIT(@newIds, '\\n')) AS pair
      ) ON item = old_item`;

const isId = (text: string) => `NOT (${isBlank(text)}) AND BYTE_LENGTH(${text}) <= ${MAX_ID_BYTES}`;
/**
 * SQL: a column's value where `lastAt` is greatest among the rows that have one. Of two at the same
 * microsecond it takes the greater value.
 */
export const latest = (column: string) =>
  `ARRAY_AGG(${column} ORDER BY ${column} IS NULL, lastAt DESC, ${column} DESC LIMIT 1)[OFFSET(0)] AS ${column}`;

/** A user has one scope a day: see `interactions` in adapters/local/export/write-days.ts. */
const withScopeOfDay = (rows: string) => `
      SELECT *, FIRST_VALUE(IF(${isId("said")}, said, NULL) IGNORE NULLS) OVER (
        PARTITION BY user, day ORDER BY lastAt DESC, said DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS scope
      FROM (${rows})`;

function interactionsQuery(
  rows: string,
  { hasScopes, hasDevices }: Pick<EventRows, "hasScopes" | "hasDevices">,
): string {
  const scope = hasScopes ? ", scope" : "";
  const device = hasDevices ? ", device" : "";
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
 * The rows of the three events, with the first reason that fits for which they do not count, or
 * NULL. adapters/local/export/stage-batch.ts has the same reasons.
 */
const reasonedRows = (rows: string, hasErased: boolean) => `
      SELECT *, CASE
        ${hasErased ? `WHEN erased_at IS NOT NULL AND NOT COALESCE(lastAt > erased_at AND ${IS_PLAUSIBLE}, FALSE) THEN 'erased'` : ""}
        WHEN NOT COALESCE(day IS NOT NULL AND ${IS_PLAUSIBLE}, FALSE) THEN 'bad_time'
        WHEN ${isMissing("item", "item")} THEN 'no_item'
        WHEN BYTE_LENGTH(item) > ${MAX_ID_BYTES} OR BYTE_LENGTH(user) > ${MAX_ID_BYTES} THEN 'bad_id'
        WHEN ${isMissing("user", "user")} THEN 'no_user'
        WHEN IS_NAN(quantity) OR IS_INF(quantity) THEN 'bad_quantity'
        WHEN event = 'purchase' AND quantity <= 0 THEN 'cancelled'
      END AS reason,
        IF(${hasErased ? "erased_at IS NULL AND " : ""}BYTE_LENGTH(seen_on) <= ${MAX_ID_BYTES}, seen_on, NULL) AS device
      FROM (${rows}
      )${hasErased ? WITH_ERASED : ""}
      WHERE event IS NOT NULL`;

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
