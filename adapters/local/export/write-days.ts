import type { DuckDBConnection } from "@duckdb/node-api";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { PART, paths } from "../../../contracts/layout.ts";
import { fileLiteral, literal } from "../duckdb.ts";

/**
 * Writes a query's rows to `<folder>/day=<day>/export=<attempt>/part-0.parquet`, a file for each
 * day, ordered. `select` has a column `day`.
 * It sorts once, into one file that is then cut: so memory stays bounded for input in any order.
 * @returns the number of rows.
 */
export async function writeDays(
  connection: DuckDBConnection,
  { select, orderBy, days, sorted }: { select: string; orderBy: string; days: string[]; sorted: string },
  target: { folder: string; attempt: string },
  onDay: () => void,
): Promise<number> {
  const { rowsChanged } = await connection.run(
    `COPY (${select} ORDER BY day, ${orderBy}) TO ${literal(sorted)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  for (const day of days) {
    onDay();
    const folder = join(target.folder, paths.exportOf(day, target.attempt));
    await mkdir(folder, { recursive: true });
    await connection.run(
      `COPY (SELECT * FROM read_parquet(${fileLiteral(sorted)}) WHERE day = ${literal(day)})
       TO ${literal(join(folder, PART))} (FORMAT parquet, COMPRESSION zstd)`,
    );
  }
  return rowsChanged;
}

/**
 * SQL: staged rows to Interactions. A user has one scope a day: that of the last event which names
 * one; of two at the same microsecond the larger text.
 */
export function interactions(
  staged: string,
  window: { first: string; last: string },
  haveScopes: boolean,
): string {
  const rows = accepted(staged, window);
  const columns = `user, item, event, count(*) AS count, max(micros) AS "lastAt", CAST(day AS VARCHAR) AS day`;
  if (!haveScopes) return `SELECT ${columns} FROM ${rows} GROUP BY user, item, event, day`;
  return `SELECT ${columns}, said.scope
    FROM ${rows} LEFT JOIN (
      SELECT user, day, max(struct_pack(micros := micros, scope := scope)).scope AS scope
      FROM ${rows} WHERE scope IS NOT NULL GROUP BY user, day
    ) AS said USING (user, day)
    GROUP BY user, item, event, day, said.scope`;
}

/**
 * SQL: staged rows to ItemRows. Of two values at the same microsecond the greater one counts, so
 * that the result is always the same.
 */
export function items(staged: string, window: { first: string; last: string }): string {
  const latest = (column: string) =>
    `(max(struct_pack(micros := micros, value := ${column})) FILTER (${column} IS NOT NULL)).value AS ${column}`;
  return `SELECT item, ${["name", "category", "price"].map(latest).join(", ")}, max(micros) AS "lastAt", CAST(day AS VARCHAR) AS day
    FROM (SELECT item, name, category, price, day, max(micros) AS micros FROM ${accepted(staged, window)} GROUP BY ALL)
    GROUP BY item, day`;
}

function accepted(staged: string, { first, last }: { first: string; last: string }): string {
  return `(SELECT * FROM ${staged} WHERE reason IS NULL AND day BETWEEN DATE ${literal(first)} AND DATE ${literal(last)})`;
}
