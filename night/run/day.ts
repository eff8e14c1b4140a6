/** The calendar day and time of day (`HH:MM`) in a time zone. */
export function localTime(now: Date, timeZone: string): { day: string; time: string } {
  const options = { timeZone, hourCycle: "h23", dateStyle: "short", timeStyle: "short" } as const;
  const [day, time] = new Intl.DateTimeFormat("sv-SE", options).format(now).split(" ");
  return { day, time };
}

/** The day `days` later; earlier if negative. */
export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** The `count` days up to the last one, ascending. */
export function daysUpTo(last: string, count: number): string[] {
  return Array.from({ length: count }, (_, k) => addDays(last, k - count + 1));
}
