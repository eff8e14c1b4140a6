import type { Settings } from "../../../contracts/settings/settings.ts";
import { closedIntradayDays } from "../../../night/run/intraday.ts";

const TABLE = /^(events_|events_intraday_|events_fresh_|users_|pseudonymous_users_)(\d{8})$/;

/** Of the tables in a dataset of GA4, by their ids, the one of each day that counts. */
export function chooseTables(
  ids: readonly string[],
  { intraday }: Pick<Settings, "intraday">,
  now: Date,
): {
  /** By day, ascending. */
  tables: Map<string, string>;
  /** For a person: which do not count, in one line. */
  leftOut: string[];
} {
  const all = ids.flatMap((id) => {
    const [, kind, suffix] = TABLE.exec(id) ?? [];
    return kind ? [{ id, kind, day: suffix.replace(/(....)(..)(..)/, "$1-$2-$3") }] : [];
  });
  const daysOf = (wanted: string) => all.filter(({ kind }) => kind === wanted).map(({ day }) => day);
  const streamed = daysOf("events_intraday_");
  const closed = new Set(intraday ? closedIntradayDays(daysOf("events_"), streamed, now) : []);
  const counts = ({ kind, day }: (typeof all)[number]) =>
    kind === "events_" || (kind === "events_intraday_" && closed.has(day));
  const tables = all.filter(counts).sort((one, other) => (one.day < other.day ? -1 : 1));
  const others = Map.groupBy(
    all.filter((table) => !counts(table)),
    ({ kind }) => kind,
  );
  return { tables: new Map(tables.map(({ day, id }) => [day, id])), leftOut: told(others) };
}

function told(others: Map<string, unknown[]>): string[] {
  if (others.size === 0) return [];
  const kinds = [...others].map(([kind, tables]) => `${tables.length} ${kind}…`).join(", ");
  const hint = others.has("events_intraday_") ? "; `intraday` takes those of days that are over" : "";
  return [`these tables were left out: ${kinds}: daily ones count${hint}`];
}
