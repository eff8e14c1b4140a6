import { basename, dirname } from "node:path";

/** The day in a file's name, or in that of its folder. */
export interface DatedName {
  /** `2026-11-21` */
  day: string;
  /** What comes before the date: files of one series are written by one program. */
  series: string;
}

/** A day, by itself or with the number of a shard that `bq extract` puts behind it. */
const DATE = /(?<!\d)(20\d\d)(\d\d)(\d\d)(?:\d{12})?(?!\d)/g;

/**
 * The day of `events_20261121.ndjson.gz`, `events_20261121000000000000.json` and
 * `events_20261121/part-000.parquet`. A name with two days is a range, and has none.
 */
export function datedName(path: string): DatedName | undefined {
  const name = basename(path);
  if (name.match(DATE)) return dated(name);
  const folder = basename(dirname(path));
  return /_\d{8}$/.test(folder) ? dated(folder) : undefined;
}

function dated(name: string): DatedName | undefined {
  const [date, ...more] = name.matchAll(DATE);
  if (more.length > 0 || name[date.index - 1] !== "_") return undefined;
  const [, year, month, number] = date;
  const day = `${year}-${month}-${number}`;
  const isDay = !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
  return isDay ? { day, series: name.slice(0, date.index) } : undefined;
}
