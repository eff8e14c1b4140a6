import { Problem } from "../../../contracts/problem.ts";
import { addDays } from "../../../night/run/day.ts";
import type { EventFile } from "./files/input-files.ts";

export interface WindowRequest {
  lastDay?: string;
  days: number | "all";
  allowMissingDays: boolean;
}

/** Days from `first` to `last`, both counted in. */
export interface Window {
  first: string;
  last: string;
}

/** The window that ends on `last`. With all days it begins on `earliest`. */
export function windowUpTo(last: string, days: number | "all", earliest: string): Window {
  if (days === "all") return { first: earliest < last ? earliest : last, last };
  return { first: addDays(last, 1 - days), last };
}

/**
 * Picks the daily files (`events_20261121.…`) within the window; the others are not even read.
 * Files count as daily when all have a day in their names and the days differ: a lone
 * `dump_20261121.csv` may hold years.
 * @throws Problem for a last day without a file, and for other missing days unless they are
 * allowed.
 */
export function chooseDailyFiles(
  files: EventFile[],
  request: WindowRequest,
): { files: EventFile[]; lastDay?: string; warnings: string[] } {
  const days = [...new Set(files.map((file) => file.day))].sort();
  const daily = days.length > 1 && !days.includes(undefined);
  if (!daily) return { files, ...(request.lastDay ? { lastDay: request.lastDay } : {}), warnings: [] };

  const [earliest, latest] = [days[0]!, days.at(-1)!];
  const lastDay = request.lastDay ?? latest;
  if (!days.includes(lastDay)) throw noEventsOn(lastDay, latest);
  const window = windowUpTo(lastDay, request.days, earliest);
  const chosen = files.filter(({ day }) => day! >= window.first && day! <= window.last);
  const missing = missingDays(window.first > earliest ? window.first : earliest, lastDay, new Set(days));
  if (missing.length > 0 && !request.allowMissingDays) throw daysMissing(missing, lastDay);
  const warnings = missing.length > 0 ? [`there is no file for ${listed(missing)}`] : [];
  return { files: chosen, lastDay, warnings };
}

function missingDays(first: string, last: string, there: Set<string | undefined>): string[] {
  const missing: string[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) if (!there.has(day)) missing.push(day);
  return missing;
}

function listed(days: string[]): string {
  const shown = days.slice(0, 5).join(", ");
  return days.length > 5 ? `${shown} and ${days.length - 5} more days` : shown;
}

/** `latest` is the latest day with events. */
export function noEventsOn(lastDay: string, latest: string): Problem {
  return new Problem({
    doing: `Reading the events up to ${lastDay}`,
    why: `there are none on ${lastDay} itself; the latest day with events is ${latest}`,
    next: `Wait for the day's events, or run with --last-day ${latest}`,
  });
}

function daysMissing(missing: string[], lastDay: string): Problem {
  return new Problem({
    doing: `Reading the daily files up to ${lastDay}`,
    why: `there is no file for ${listed(missing)}`,
    next: "Export what is missing, or go on without it with --allow-missing-days",
  });
}
