import { eventNamesOf } from "../../../../contracts/event-names.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { literal } from "../../duckdb.ts";

/** SQL that turns a shop's event name into one of the three, or NULL. */
export function eventCase(name: string, own: Settings["eventNames"], shape: "ga4" | "flat"): string {
  const { named, other } = eventNamesOf(own, shape);
  const branches = named.map(([from, to]) => `WHEN lower(${literal(from)}) THEN ${literal(to)}`).join(" ");
  return `CASE lower(${name}) ${branches} ELSE ${other ? literal(other) : "NULL"} END`;
}
