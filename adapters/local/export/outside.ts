import type { Outside } from "../../../contracts/metrics.ts";
import { distance, type DayCounts } from "./daily-files.ts";
import type { EventFile } from "./files/input-files.ts";
import type { Window } from "./window.ts";

/** The share of earlier rows that the advice reaches: a few have the time of a wrong clock. */
const NEARLY_ALL = 0.99;
const MOST_DAYS = 3660;

/**
 * What a window leaves out.
 * @param rows interactions by day, earliest first
 * @param unread daily files that were left out by their names
 */
export function outsideOf({ first, last }: Window, rows: DayCounts, unread: readonly EventFile[]): Outside {
  const before = [...rows].filter(([day]) => day < first);
  const after = [...rows].filter(([day]) => day > last);
  const earlier = unread.flatMap(({ day }) => (day! < first ? day! : []));
  const [earliest] = [...earlier, reaching(before) ?? []].flat().sort();
  return {
    before: sum(before),
    after: sum(after),
    unread: unread.length,
    ...(earliest ? { days: Math.min(MOST_DAYS, distance(earliest, last) + 1) } : {}),
  };
}

const sum = (rows: readonly [string, number][]) => rows.reduce((total, [, n]) => total + n, 0);

/** The latest day from which on nearly all of these rows lie; undefined without any. */
function reaching(rows: readonly [string, number][]): string | undefined {
  const enough = NEARLY_ALL * sum(rows);
  let reached = 0;
  return rows.toReversed().find(([, n]) => (reached += n) >= enough)?.[0];
}
