import { Problem } from "../../../contracts/problem.ts";
import { addDays } from "../../../night/run/day.ts";

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

/** `latest` is the latest day with events. */
export function noEventsOn(lastDay: string, latest: string): Problem {
  return new Problem({
    doing: `Reading the events up to ${lastDay}`,
    why: `there are none on ${lastDay} itself; the latest day with events is ${latest}`,
    next: `Wait for the day's events, or run with --last-day ${latest}`,
  });
}

/**
 * Looks for days of a window that have neither a file nor a row.
 * @param named the days of daily files, ascending
 * @returns what is to be said about them.
 * @throws Problem unless that is allowed.
 */
export function checkMissingDays(
  { first, last }: Window,
  named: readonly string[],
  { has, allowed }: { has(day: string): boolean; allowed: boolean },
): string[] {
  const there = new Set(named);
  const missing: string[] = [];
  for (let day = first > named[0] ? first : named[0]; day <= last; day = addDays(day, 1))
    if (!there.has(day) && !has(day)) missing.push(day);
  if (missing.length === 0) return [];
  const why = `there is no file for ${listed(missing)}`;
  if (allowed) return [why];
  throw new Problem({
    doing: `Reading the daily files up to ${last}`,
    why,
    next: "Export what is missing, or go on without it with --allow-missing-days",
  });
}

function listed(days: string[]): string {
  const shown = days.slice(0, 5).join(", ");
  return days.length > 5 ? `${shown} and ${days.length - 5} more days` : shown;
}
