import type { DuckDBConnection } from "@duckdb/node-api";
import { REJECT_REASONS, type RejectReason } from "../../../contracts/interactions.ts";
import { Problem } from "../../../contracts/problem.ts";
import { literal, query } from "../duckdb.ts";
import type { StagedFile } from "./stage-file.ts";
import { damagedRows, stagedRows, type Tally } from "./tally.ts";

/** The rejects file keeps so many rows of each reason; the counts are always of all. */
export const KEPT_OF_EACH_REASON = 100_000;

/**
 * The reasons whose rows are kept aside. Rows of erased users are not: nothing of them is to be
 * kept.
 */
export const reasonsKept = (rejected: Tally["rejected"]): string[] =>
  Object.keys(rejected).filter((reason) => reason !== ("erased" satisfies RejectReason));

/**
 * Writes the rejects file: file, line, reason, user, row. A line that cannot be read names no user.
 * Without rows to keep aside there is no file.
 */
export async function writeRejects(
  connection: DuckDBConnection,
  files: StagedFile[],
  { rejected }: Tally,
  target: string,
): Promise<void> {
  const reasons = reasonsKept(rejected);
  if (reasons.length === 0) return;
  const some = (reason: string) =>
    `(SELECT * FROM ${stagedRows(files)} WHERE reason = ${literal(reason)} LIMIT ${KEPT_OF_EACH_REASON})`;
  const rows = numbered(files, `(${reasons.map(some).join(" UNION ALL ")})`);
  await connection.run(
    `COPY (SELECT file, line, reason, user, row FROM ${rows} ORDER BY reason, file, line) TO ${literal(target)} (FORMAT csv, HEADER)`,
  );
}

/**
 * SQL: rejected rows, with line numbers. The reader numbers only readable rows, so a row moves down
 * by the malformed lines above it. A CSV file with blank lines or cells of several lines keeps row
 * numbers.
 */
function numbered(files: StagedFile[], rejects: string): string {
  const malformed = `(SELECT file, line, row_number() OVER (PARTITION BY file ORDER BY line) AS nth
    FROM ${stagedRows(files)} WHERE detail IS NOT NULL)`;
  const shifts = `(SELECT file, line - nth AS above, max(nth) AS shift FROM ${malformed} GROUP BY ALL)`;
  return `(SELECT r.* REPLACE (CASE WHEN detail IS NULL THEN r.line + coalesce(shift, 0) ELSE r.line END AS line)
    FROM ${rejects} r ASOF LEFT JOIN ${shifts} s ON r.file = s.file AND r.line > s.above)`;
}

/** @throws Problem when more than `limit` (a share) of all rows are damaged. */
export async function checkRejectLimit(
  connection: DuckDBConnection,
  files: StagedFile[],
  { rows, rejected }: Tally,
  { limit, rejects }: { limit: number; rejects: string },
): Promise<void> {
  const damaged = damagedRows(rejected);
  if (damaged <= limit * rows) return;
  throw new Problem({
    doing: "Reading the events",
    why:
      `${damaged.toLocaleString("en")} of ${rows.toLocaleString("en")} rows are damaged, ` +
      `${percent(damaged / rows)} where ${percent(limit)} is allowed: ${reasonsOf(rejected, true)}` +
      (await firstDamaged(connection, files, rejected)),
    next: `Look at the rejected rows in ${rejects}; mend the files, name the columns with --map, or raise --reject-limit`,
  });
}

/** "3 bad_time (the time is missing…), 1 no_item (…)". */
export function reasonsOf(rejected: Tally["rejected"], damagedOnly = false): string {
  return (Object.entries(rejected) as [RejectReason, number][])
    .filter(([reason]) => !damagedOnly || REJECT_REASONS[reason].damaged)
    .map(([reason, n]) => `${n.toLocaleString("en")} ${reason} (${REJECT_REASONS[reason].means})`)
    .join(", ");
}

/** An example of the most frequent reason. */
async function firstDamaged(
  connection: DuckDBConnection,
  files: StagedFile[],
  rejected: Tally["rejected"],
): Promise<string> {
  const reasons = (Object.keys(REJECT_REASONS) as RejectReason[]).filter(
    (name) => REJECT_REASONS[name].damaged,
  );
  const countOf = (name: RejectReason) => rejected[name] ?? 0;
  const reason = reasons.reduce((most, other) => (countOf(other) > countOf(most) ? other : most));
  const rows = `(SELECT * FROM ${stagedRows(files)} WHERE reason = ${literal(reason)} ORDER BY file, line LIMIT 1)`;
  const [first] = await query<{ file: string; line: string; row: string | null; detail: string | null }>(
    connection,
    `SELECT file, line, left(row, 200) AS row, detail FROM ${numbered(files, rows)}`,
  );
  if (!first) return "";
  const detail = first.detail ? ` (${first.detail.split("\n")[0]})` : "";
  return `; for example ${first.file}, line ${first.line}: ${first.row}${detail}`;
}

function percent(share: number): string {
  return `${(100 * share).toLocaleString("en", { maximumFractionDigits: 2 })} %`;
}
