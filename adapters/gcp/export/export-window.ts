import { Problem } from "../../../contracts/problem.ts";
import type { EventSource } from "./event-source.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { daysUpTo } from "../../../night/run/day.ts";

/**
 * The days of a window that have events. Days before the shop's first ones are not missing.
 * @param found the days that have some, ascending
 * @throws Problem when the last day has none, or another day has none and that is not allowed.
 */
export function daysToExport(
  found: string[],
  lastDay: string,
  settings: Pick<Settings, "days" | "allowMissingDays">,
  { name, missing: { what, next } }: Pick<EventSource, "name" | "missing">,
): { days: string[]; warnings: string[] } {
  const there = new Set(found);
  const refuse = (why: string, next: string) =>
    new Problem({ doing: `Exporting the events up to ${lastDay} from ${name}`, why, next });
  if (!there.has(lastDay)) {
    const latest = found.length > 0 ? `the latest is of ${found.at(-1)}` : "there is none at all";
    throw refuse(`there is no ${what} of ${lastDay} itself; ${latest}`, next);
  }
  const wanted = daysUpTo(lastDay, settings.days).filter((day) => day >= found[0]);
  const absent = wanted.filter((day) => !there.has(day));
  const days = wanted.filter((day) => there.has(day));
  if (absent.length === 0) return { days, warnings: [] };
  const why = `there is no ${what} of ${listed(absent)}`;
  if (settings.allowMissingDays) return { days, warnings: [why] };
  throw refuse(why, `${next}; or go on without them: set allowMissingDays`);
}

function listed(days: string[]): string {
  const shown = days.slice(0, 5).join(", ");
  return days.length > 5 ? `${shown} and ${days.length - 5} more days` : shown;
}
