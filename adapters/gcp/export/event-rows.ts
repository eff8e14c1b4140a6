import { eventNamesOf } from "../../../contracts/event-names.ts";
import { EVENTS } from "../../../contracts/interactions.ts";
import { missingIdPattern } from "../../../contracts/missing-ids.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { JobQuery } from "../bigquery-jobs.ts";

/**
 * The common form of GA4's tables and of a shop's own one: SQL for a day's rows, one for each item
 * of each event, with these columns:
 *
 *     user, item, name, category   STRING
 *     event                        one of the three or NULL
 *     lastAt                       microseconds since 1970
 *     day                          STRING: 2026-11-21
 *     price, quantity              numbers
 *     seen_on                      STRING: the device, where the user is known too
 *     said                         STRING, only with scopes: that of the event's user
 */
export interface EventRows extends Pick<JobQuery, "params" | "types"> {
  select(withScope: boolean): string;
  hasScopes: boolean;
  /** Interactions say on which device their user was seen. */
  hasDevices: boolean;
}

/** Parameters for `isMissing`. */
export function idParams({ missingIds }: Pick<Settings, "missingIds">) {
  const pattern = (column: "user" | "item") => `^(?:${missingIdPattern(column, missingIds)})$`;
  return { noUser: pattern("user"), noItem: pattern("item") };
}

/** Parameters for `eventCase`. `other` is the meaning of every other name. */
export function nameParams({ eventNames }: Pick<Settings, "eventNames">, shape: "ga4" | "flat") {
  const { named, other } = eventNamesOf(eventNames, shape);
  const meaning = new Map<string, string>();
  for (const [name, event] of named) {
    const key = name.toLowerCase();
    if (!meaning.has(key)) meaning.set(key, event);
  }
  const namesOf = (event: string) =>
    [...meaning].filter(([, means]) => means === event).map(([name]) => name);
  return { ...Object.fromEntries(EVENTS.map((event) => [event, namesOf(event)])), other: other ?? "" };
}

/** BigQuery cannot tell the type of an empty array. */
export const NAME_TYPES = {
  other: "STRING",
  ...Object.fromEntries(EVENTS.map((event) => [event, ["STRING"]])),
};

/** SQL that turns a shop's event name into one of the three, or NULL. */
export function eventCase(name: string): string {
  const meaning = EVENTS.map((event) => `WHEN LOWER(${name}) IN UNNEST(@${event}) THEN '${event}'`);
  return `CASE ${meaning.join(" ")} ELSE NULLIF(@other, '') END`;
}

/** SQL: a text that is no id: contracts/missing-ids.ts. */
export const isMissing = (column: "user" | "item", text: string) =>
  `(${text} IS NULL OR REGEXP_CONTAINS(${text}, ${column === "user" ? "@noUser" : "@noItem"}))`;

/** SQL: the device on which a known user was seen. */
export const seenOn = (user: string, device: string) =>
  `IF(${isMissing("user", user)} OR ${isMissing("user", device)}, NULL, ${device})`;

export const isBlank = (text: string) => `COALESCE(TRIM(${text}, ' \\t\\r\\n'), '') = ''`;

/** SQL: a number, or NULL for what is none. */
export const finite = (number: string) => `IF(IS_NAN(${number}) OR IS_INF(${number}), NULL, ${number})`;
