import { addDays } from "./day.ts";

/**
 * The days of intraday tables that may stand in for a daily one. Such a day has no daily table, and
 * is closed: there is a table of a later day, or it ended a day ago in UTC. In the last time zone
 * that is 12 hours after its end.
 */
export function closedIntradayDays(
  daily: readonly string[],
  intraday: readonly string[],
  now: Date,
): string[] {
  const latest = [...daily, ...intraday].sort().at(-1)!;
  const isClosed = (day: string) => day < latest || now.getTime() >= Date.parse(addDays(day, 2));
  return intraday.filter((day) => !daily.includes(day) && isClosed(day));
}
