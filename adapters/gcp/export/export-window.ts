import { Problem } from "../../../contracts/problem.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { daysUpTo } from "../../../night/run/day.ts";

/**
 * The days of a window that have a table. Days before the shop's first table are not missing.
 * @throws Problem when the last day has no table, or another day has none and that is not allowed.
 */
export function daysToExport(
  tables: string[],
  lastDay: string,
  settings: Pick<Settings, "days" | "allowMissingDays" | "dataset">,
): { days: string[]; warnings: string[] } {
  const there = new Set(tables);
  const refuse = (why: string, next: string) =>
    new Problem({ doing: `Exporting the events up to ${lastDay} from ${settings.dataset}`, why, next });
  if (!there.has(lastDay)) {
    const latest = tables.length > 0 ? `the latest is of ${tables.at(-1)}` : "there is none at all";
    throw refuse(
      `there is no table of ${lastDay} itself; ${latest}`,
      "look at the link to BigQuery in GA4's settings: `dataset`, daily export",
    );
  }
  const wanted = daysUpTo(lastDay, settings.days).filter((day) => day >= tables[0]);
  const missing = wanted.filter((day) => !there.has(day));
  const days = wanted.filter((day) => there.has(day));
  if (missing.length === 0) return { days, warnings: [] };
  const why = `there is no table of ${listed(missing)}`;
  if (settings.allowMissingDays) return { days, warnings: [why] };
  throw refuse(why, "ask for the days in GA4, or go on without them: set allowMissingDays");
}

function listed(days: string[]): string {
  const shown = days.slice(0, 5).join(", ");
  return days.length > 5 ? `${shown} and ${days.length - 5} more days` : shown;
}
