import type { DuckDBConnection } from "@duckdb/node-api";
import { REJECT_REASONS, type RejectReason } from "../../../contracts/interactions.ts";
import { fileLiteral, query } from "../duckdb.ts";
import type { StagedFile } from "./stage-file.ts";

/** Counts of the rows read; `rows` is the sum of all but `headings`. */
export interface Tally {
  rows: number;
  rowsOf: Map<string, number>;
  rejected: Partial<Record<RejectReason, number>>;
  otherEvents: number;
  headings: number;
  /** Interactions by day, earliest first, not yet cut to the window. */
  days: Map<string, number>;
}

/** SQL for all staged rows. */
export function stagedRows(files: StagedFile[]): string {
  const paths = files.flatMap(({ staged }) => staged).map(fileLiteral);
  return `read_parquet([${paths.join(", ")}], union_by_name = true)`;
}

export async function tallyRows(connection: DuckDBConnection, files: StagedFile[]): Promise<Tally> {
  const counts = await query<{ file: string; reason: string | null; day: string | null; n: number }>(
    connection,
    `SELECT file, reason, CASE WHEN reason IS NULL THEN CAST(day AS VARCHAR) END AS day, count(*)::DOUBLE AS n
     FROM ${stagedRows(files)} GROUP BY ALL ORDER BY day`,
  );
  const lost = files.map(({ file, lostLines }) => ({
    file: file.path,
    reason: "malformed_line",
    day: null,
    n: lostLines,
  }));
  const tally: Tally = {
    rows: 0,
    rowsOf: new Map(),
    rejected: {},
    otherEvents: 0,
    headings: 0,
    days: new Map(),
  };
  for (const { file, reason, day, n } of [...counts, ...lost]) {
    if (reason === "heading") tally.headings += n;
    else {
      tally.rows += n;
      tally.rowsOf.set(file, (tally.rowsOf.get(file) ?? 0) + n);
      if (reason === "other_event") tally.otherEvents += n;
      else if (reason !== null && n > 0) add(tally.rejected, reason as RejectReason, n);
      else if (day !== null) tally.days.set(day, (tally.days.get(day) ?? 0) + n);
    }
  }
  return tally;
}

function add(rejected: Tally["rejected"], reason: RejectReason, n: number): void {
  rejected[reason] = (rejected[reason] ?? 0) + n;
}

export function damagedRows(rejected: Tally["rejected"]): number {
  const counts = Object.entries(rejected) as [RejectReason, number][];
  return counts.reduce((sum, [reason, n]) => sum + (REJECT_REASONS[reason].damaged ? n : 0), 0);
}

/** Event names outside the three, most frequent first. */
export async function otherEventNames(
  connection: DuckDBConnection,
  files: StagedFile[],
): Promise<{ name: string; count: number }[]> {
  return query(
    connection,
    `SELECT coalesce(event, '(none)') AS name, count(*)::DOUBLE AS count FROM ${stagedRows(files)}
     WHERE reason = 'other_event' GROUP BY ALL ORDER BY count DESC, name LIMIT 10`,
  );
}
