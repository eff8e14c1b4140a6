import { haveDevices } from "../../../contracts/settings/events.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import {
  eventCase,
  finite,
  idParams,
  isBlank,
  isMissing,
  NAME_TYPES,
  nameParams,
  seenOn,
  type EventRows,
} from "./event-rows.ts";

/**
 * The rows of a day of GA4's export.
 * They name the day's own table instead of a wildcard. So nothing needs pruning (a filter on
 * _TABLE_SUFFIX by a parameter might not prune), intraday tables cannot match, and the columns are
 * this table's. A wildcard takes them from the newest table.
 */
export function ga4Rows(settings: Settings, table: string): EventRows {
  const { ga4Scope, identity } = settings;
  const said = ga4Scope === undefined ? "" : `, ${scopeIn(ga4Scope)} AS said`;
  return {
    hasScopes: ga4Scope !== undefined,
    hasDevices: haveDevices(settings),
    params: {
      ...idParams(settings),
      ...nameParams(settings, "ga4"),
      device: identity === "user_pseudo_id",
      ...storesOf(settings),
    },
    types: { ...NAME_TYPES, device: "BOOL" },
    select: (withScope) => `
        SELECT
          IF(@device OR ${isMissing("user", "user_id")}, user_pseudo_id, user_id) AS user,
          ${seenOn("user_id", "user_pseudo_id")} AS seen_on,
          ${eventCase("event_name")} AS event,
          event_timestamp AS lastAt,
          CAST(SAFE.PARSE_DATE('%Y%m%d', event_date) AS STRING) AS day,
          item.item_id AS item,
          ${attribute("item.item_name")} AS name,
          ${attribute("item.item_category")} AS category,
          ${finite("item.price")} AS price,
          item.quantity AS quantity${withScope ? said : ""}
        FROM \`${table}\` LEFT JOIN UNNEST(items) AS item ${ofStores(settings)}`,
  };
}

const attribute = (text: string) => `IF(${isBlank(text)} OR ${text} = '(not set)', NULL, ${text})`;

/** SQL: a condition for the stores that are asked for, if any are. */
function ofStores(settings: Settings): string {
  const { streams, hosts } = storesOf(settings);
  const conditions = [
    ...(streams ? ["stream_id IN UNNEST(@streams)"] : []),
    ...(hosts ? ["LOWER(device.web_info.hostname) IN UNNEST(@hosts)"] : []),
  ];
  return conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
}

/** Parameters for the stores that are asked for; an absent one asks for all. */
const storesOf = ({ ga4Streams, ga4Hosts }: Settings): { streams?: string[]; hosts?: string[] } => ({
  ...(ga4Streams.length > 0 ? { streams: ga4Streams } : {}),
  ...(ga4Hosts.length > 0 ? { hosts: ga4Hosts.map((host) => host.toLowerCase()) } : {}),
});

/**
 * SQL for the field of an event that the setting `ga4Scope` names: geo.region, user_property:store.
 */
function scopeIn(ga4Scope: string): string {
  const [kind, key] = ga4Scope.split(":");
  if (key === undefined) return `NULLIF(${ga4Scope}, '(not set)')`;
  const entries = kind === "user_property" ? "user_properties" : "event_params";
  const value = "COALESCE(entry.value.string_value, CAST(entry.value.int_value AS STRING))";
  return `NULLIF((SELECT MAX(${value}) FROM UNNEST(${entries}) AS entry WHERE entry.key = '${key}'), '(not set)')`;
}
