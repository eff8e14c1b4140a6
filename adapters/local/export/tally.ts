import type { DuckDBConnection } from "@duckdb/node-api";
import { REJECT_REASONS, type RejectReason } from "../../../contracts/interactions.ts";
import { addRejected } from "../../../night/run/rejected.ts";
import { query } from "../duckdb.ts";
import type { Staged } from "./stage-files.ts";

/** Counts of a file's rows; `rows` is the sum of all but `headings`. */
export interface FileCounts {
  rows: number;
  rejected: Partial<Record<RejectReason, number>>;
  otherEvents: number;
  headings: number;
  days: Map<string, number>;
}

/** Counts of the rows read. */
export interface Tally extends FileCounts {
  /** The same of each file, by its path. */
  countsOf: Map<string, FileCounts>;
  /** Interactions by day, earliest first, not yet cut to the window. */
  days: Map<string, number>;
}

export const noCounts = (): FileCounts => ({
  rows: 0,
  rejected: {},
  otherEvents: 0,
  headings: 0,
  days: new Map(),
});

export async function tallyRows(connection: DuckDBConnection, { parts, others }: Staged): Promise<Tally> {
  const counts = await query<{ part: number; reason: string | null; day: string | null; n: number }>(
    connection,
    `SELECT part, reason, CAST(day AS VARCHAR) AS day, n FROM (
       SELECT part, reason, CASE WHEN reason IS NULL THEN day END AS day, count(*)::DOUBLE AS n
       FROM staged GROUP BY ALL) ORDER BY day`,
  );
  const damaged = [...others.malformed, ...others.lost];
  const malformed = damaged.map(([part, n]) => ({ part, reason: "malformed_line", day: null, n }));
  const tally: Tally = { ...noCounts(), countsOf: new Map() };
  for (const { part, reason, day, n } of [...counts, ...malformed]) {
    const { path } = parts[part].file;
    const counts = tally.countsOf.get(path) ?? noCounts();
    tally.countsOf.set(path, counts);
    for (const each of [tally, counts]) countRows(each, reason, day, n);
  }
  return tally;
}

/** For a file that was read, and was not empty. */
export const isHeaderAlone = ({ path }: { path: string }, { countsOf }: Tally): boolean =>
  (countsOf.get(path)?.rows ?? 0) === 0;

function countRows(counts: FileCounts, reason: string | null, day: string | null, n: number): void {
  if (reason === "heading") {
    counts.headings += n;
    return;
  }
  counts.rows += n;
  if (reason === "other_event") counts.otherEvents += n;
  else if (reason !== null && n > 0) addRejected(counts.rejected, { [reason]: n });
  else if (day !== null) counts.days.set(day, (counts.days.get(day) ?? 0) + n);
}

export function damagedRows(rejected: Tally["rejected"]): number {
  const counts = Object.entries(rejected) as [RejectReason, number][];
  return counts.reduce((sum, [reason, n]) => sum + (REJECT_REASONS[reason].damaged ? n : 0), 0);
}

/**
 * Event names outside the three, most frequent first.
 * @param of the parts to look at; undefined: all
 */
export async function otherEventNames(
  connection: DuckDBConnection,
  of?: number[],
): Promise<{ name: string; count: number }[]> {
  const only = of ? `AND part IN (${of.join(", ")})` : "";
  return query(
    connection,
    `SELECT coalesce(event, '(none)') AS name, count(*)::DOUBLE AS count FROM staged
     WHERE reason = 'other_event' ${only} GROUP BY ALL ORDER BY count DESC, name LIMIT 10`,
  );
}
