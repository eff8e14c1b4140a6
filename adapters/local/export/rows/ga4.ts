import { haveDevices } from "../../../../contracts/settings/events.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { eventCase } from "./event-names.ts";
import { isBlank, isMissing, seenOn, type EventRows } from "./event-rows.ts";
import type { Ga4Source } from "./source.ts";
import { microseconds } from "./time.ts";

/** The columns read from a GA4 export, all as text but `items`. */
export const GA4_COLUMNS = [
  "event_date",
  "event_timestamp",
  "event_name",
  "user_id",
  "user_pseudo_id",
] as const;
export const GA4_ITEM_FIELDS = ["item_id", "item_name", "item_category", "price", "quantity"] as const;
export const GA4_ITEMS_TYPE = `STRUCT(${GA4_ITEM_FIELDS.map((field) => `${field} VARCHAR`).join(", ")})[]`;

/**
 * One row for each item of an event. An event of the three without items becomes a row without an
 * item (a reject).
 * `from` is a relation of GA4_COLUMNS, items (GA4_ITEMS_TYPE), scope, is_asked, part, line and
 * malformed. Where the event is of a store that is not asked for, it is one of another kind.
 */
export function ga4Rows(
  { from, isLines }: Pick<Ga4Source, "from" | "isLines">,
  settings: Pick<Settings, "identity" | "eventNames" | "missingIds">,
): EventRows {
  const { identity, eventNames } = settings;
  const isNobody = isMissing("user", "user_id", settings);
  const user =
    identity === "user_pseudo_id"
      ? "user_pseudo_id"
      : `CASE WHEN ${isNobody} THEN user_pseudo_id ELSE user_id END`;
  const device = haveDevices(settings) ? seenOn("user_id", "user_pseudo_id", settings) : "NULL::VARCHAR";
  const set = (text: string) => `nullif(${text}, '(not set)')`;
  const date = "CAST(try_strptime(replace(event_date, '-', ''), '%Y%m%d') AS DATE)";
  return {
    select: `
      SELECT part, line, malformed, false AS heading, event, event_text, user, device, micros, time,
        CASE WHEN ${isBlank("event_date")} THEN CAST(make_timestamp(micros) AS DATE) ELSE ${date} END AS day,
        item.item_id AS item, ${set("item.item_name")} AS name, ${set("item.item_category")} AS category,
        item.price AS price, item.quantity AS quantity, ${set("scope")} AS scope, event_date
      FROM (
        SELECT *, unnest(CASE WHEN event IS NULL OR len(items) = 0 OR items IS NULL THEN [NULL] ELSE items END) AS item
        FROM (
          SELECT part, line, malformed, items, event_date, scope,
            CASE WHEN is_asked THEN ${eventCase("event_name", eventNames, "ga4")} END AS event,
            CASE WHEN is_asked THEN event_name ELSE '(another store)' END AS event_text,
            ${user} AS user, ${device} AS device, ${microseconds("event_timestamp")} AS micros, event_timestamp AS time
          FROM ${from}))`,
    text: isLines
      ? null
      : `json_object('event_date', event_date, 'event_timestamp', time, 'event_name', event_text,
      'user', user, 'item_id', item, 'quantity', quantity)`,
  };
}
