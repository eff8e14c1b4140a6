import { fileLiteral, parquetFiles, query, type DuckDB } from "../../adapters/local/duckdb.ts";

/** A night has a row for each device of a user, where the plain statement has one. */
const COLUMNS = `"user", item, event, sum(count) AS count, max("lastAt") AS "lastAt", day`;

/** Interactions on disk: a file, or a night's folders of days. */
export type Rows = { file: string } | { folders: string[] };

const relation = (rows: Rows) =>
  `(SELECT ${COLUMNS} FROM ${"file" in rows ? `read_parquet(${fileLiteral(rows.file)})` : parquetFiles(rows.folders)} GROUP BY ALL)`;

/** The number of rows, and of those that only one of the two has. */
export async function compareRows(
  { connection }: DuckDB,
  wanted: Rows,
  found: Rows,
): Promise<{ rows: number; differing: number }> {
  const only = (a: Rows, b: Rows) =>
    `(SELECT count(*) FROM (FROM ${relation(a)} EXCEPT ALL FROM ${relation(b)}))`;
  const sql = `SELECT (SELECT count(*) FROM ${relation(wanted)})::DOUBLE AS rows,
    (${only(wanted, found)} + ${only(found, wanted)})::DOUBLE AS differing`;
  const [counts] = await query<{ rows: number; differing: number }>(connection, sql);
  return counts!;
}
