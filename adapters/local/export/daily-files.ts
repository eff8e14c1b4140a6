import { addDays } from "../../../night/run/day.ts";
import type { EventFile } from "./files/input-files.ts";
import { windowUpTo } from "./window.ts";

export interface WindowRequest {
  lastDay?: string;
  days: number | "all";
}

/** Rows by day. */
export type DayCounts = ReadonlyMap<string, number>;

/** A file that was read, and the days of its rows. */
export interface DatedRows {
  file: EventFile;
  days: DayCounts;
}

/** Files to read first, and others whose names say that they are not needed. */
export interface Choice {
  files: EventFile[];
  rest: EventFile[];
}

/**
 * Leaves out the files of days outside the window, as their names say. Only in a series that has a
 * file for most days: files of weeks and months, and a lone `dump_20261121.csv`, may hold years.
 */
export function chooseFiles(files: readonly EventFile[], request: WindowRequest): Choice {
  const daily = new Set([...seriesOf(files).values()].filter(hasMostDays).flat());
  const last = request.lastDay ?? latestName([...daily]);
  if (last === undefined || request.days === "all") return { files: [...files], rest: [] };
  const { first } = windowUpTo(last, request.days, last);
  const isWanted = (file: EventFile) => !daily.has(file) || (file.day! >= first && file.day! <= last);
  const wanted = files.filter(isWanted);
  if (wanted.length === 0) return { files: [...files], rest: [] };
  return { files: wanted, rest: files.filter((file) => !isWanted(file)) };
}

const seriesOf = (files: readonly EventFile[]) =>
  Map.groupBy(
    files.filter(({ day }) => day !== undefined),
    ({ series }) => series!,
  );

function hasMostDays(series: readonly EventFile[]): boolean {
  const days = [...new Set(series.map(({ day }) => day!))].sort();
  return days.length > 1 && 2 * days.length > 1 + distance(days[0], days.at(-1)!);
}

/** The latest day in a name. */
export const latestName = (files: readonly EventFile[]) => latestOf(files.flatMap(({ day }) => day ?? []));
const latestOf = (days: readonly string[]) => [...days].sort().at(-1);

/**
 * How far the rows of a file are from the day in its name: 0; 1 where days begin at another hour,
 * or the night wrote it; Infinity where the name says nothing. A few rows may be late.
 */
export function slackOf({ file, days }: DatedRows): number {
  const all = [...days].reduce((sum, [, rows]) => sum + rows, 0);
  const within = (slack: number) =>
    [...days].reduce((sum, [day, rows]) => sum + (distance(day, file.day!) <= slack ? rows : 0), 0);
  if (within(0) >= 0.99 * all) return 0;
  return within(1) >= 0.9 * all ? 1 : Infinity;
}

/** In days. */
export const distance = (one: string, other: string): number =>
  Math.abs(Date.parse(one) - Date.parse(other)) / 86_400_000;

export const agrees = (read: DatedRows): boolean => slackOf(read) <= 1;

/** True if all files have days in their names, several ones, and their rows agree with them. */
export function areDaily(read: readonly DatedRows[]): boolean {
  if (read.some(({ file }) => file.day === undefined)) return false;
  return new Set(read.map(({ file }) => file.day)).size > 1 && read.every(agrees);
}

/** The left out files that have to be read after all, as the rows show. */
export function moreFiles(
  rest: readonly EventFile[],
  read: readonly DatedRows[],
  window: { first: string; last: string },
): EventFile[] {
  const slacks = new Map<string, number>();
  for (const each of read.filter(({ file }) => file.day !== undefined)) {
    const { series } = each.file;
    slacks.set(series!, Math.max(slacks.get(series!) ?? 0, slackOf(each)));
  }
  return rest.filter(({ day, series }) => {
    const slack = slacks.get(series!) ?? 0;
    if (slack === Infinity) return true;
    return day! >= addDays(window.first, -slack) && day! <= addDays(window.last, slack);
  });
}

/**
 * The latest day of rows. Of daily files it is not after the latest day in a name: a clock may be
 * wrong. It is that very day if its file is empty, for then something is missing.
 */
export function lastDayOf(read: readonly DatedRows[], empty: readonly EventFile[]): string | undefined {
  if (!areDaily([...read, ...empty.map((file) => ({ file, days: new Map() }))])) return latestRows(read);
  const named = latestName([...read.map(({ file }) => file), ...empty]);
  return empty.some(({ day }) => day === named) ? named : latestRows(read, named);
}

/** The latest day of rows, up to a day. */
export function latestRows(read: readonly DatedRows[], upTo?: string): string | undefined {
  const days = read.flatMap((each) => [...each.days.keys()]);
  return latestOf(days.filter((day) => upTo === undefined || day <= upTo));
}
