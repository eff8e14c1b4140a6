import type { DuckDBConnection } from "@duckdb/node-api";
import { REJECT_REASONS, type RejectReason } from "../../../contracts/interactions.ts";
import { query } from "../duckdb.ts";
import type { ReadFile } from "./batches.ts";
import { timeFormats } from "./rows/time-formats.ts";
import type { Tally } from "./tally.ts";

/** The next step for a person whose rows are damaged, by the most frequent reason. */
export async function adviceOn(
  connection: DuckDBConnection,
  files: readonly ReadFile[],
  rejected: Tally["rejected"],
): Promise<string> {
  const damaged = (Object.entries(rejected) as [RejectReason, number][]).filter(
    ([reason]) => REJECT_REASONS[reason].damaged,
  );
  const most = Math.max(...damaged.map(([, count]) => count));
  if (rejected.malformed_line === most && (await isOtherEncoding(connection)))
    return "say how the text is encoded: --encoding windows-1252, for example";
  if (damaged.length === 0 || rejected.bad_time !== most)
    return "mend the files, or name the columns with --map";
  const time = await firstBadTime(connection, files);
  const formats = time === undefined ? [] : timeFormats(time);
  const options = formats.map((format) => `--time-format '${format}'`).join(" or ");
  const example = time === undefined ? "" : ` (${JSON.stringify(time.slice(0, 40))})`;
  return options === ""
    ? `say how times are written${example}: --time-format, in the letters of strptime (docs/EVENTS.md); or name another column: --map time=COLUMN`
    : `say how times are written${example}: ${options}`;
}

async function isOtherEncoding(connection: DuckDBConnection): Promise<boolean> {
  const says = "detail ILIKE '%unicode%' OR detail ILIKE '%utf-8%' OR contains(row, '\uFFFD')";
  const sql = `SELECT 1 FROM rejects WHERE reason = 'malformed_line' AND (${says}) LIMIT 1`;
  return (await query(connection, sql)).length > 0;
}

async function firstBadTime(
  connection: DuckDBConnection,
  files: readonly ReadFile[],
): Promise<string | undefined> {
  const [found] = await query<{ file: string; row: string | null }>(
    connection,
    `SELECT file, row FROM rejects WHERE reason = 'bad_time' ORDER BY file, line LIMIT 1`,
  );
  const time = files.find(({ file }) => file.path === found?.file)?.opened?.chosen?.columns.time;
  if (!found?.row || time === undefined) return undefined;
  const value = fieldsOf(found.row)[time];
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** DuckDB reads NaN, which Python writes for a missing number and which is no JSON. */
function fieldsOf(row: string): Record<string, unknown> {
  try {
    return JSON.parse(row.replace(/\b(NaN|Infinity)\b/g, "0")) as Record<string, unknown>;
  } catch {
    return {};
  }
}
