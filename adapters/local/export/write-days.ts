import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { PART, paths } from "../../../contracts/layout.ts";
import { literal } from "../duckdb.ts";
import { numberText } from "./rows/number.ts";
import { isBlank } from "./rows/event-rows.ts";

/** Days that are written at once: a file is open for each. */
const AT_ONCE = 200;

export interface DaysTarget {
  folder: string;
  attempt: string;
  /** A folder that does not exist. */
  temporary: string;
}

/**
 * Writes rows to `<folder>/day=<day>/export=<attempt>/part-0.parquet`, a file for each day.
 * @param select makes the query for a window; it has a column `day`, and sorts nothing
 * @returns the number of rows.
 */
export async function writeDays(
  connection: DuckDBConnection,
  select: (window: Days) => string,
  days: readonly string[],
  { folder, attempt, temporary }: DaysTarget,
): Promise<number> {
  let written = 0;
  await connection.run(`SET partitioned_write_max_open_files = ${AT_ONCE + 1}`);
  for (let k = 0; k < days.length; k += AT_ONCE) {
    const some = days.slice(k, k + AT_ONCE);
    const { rowsChanged } = await connection.run(
      `COPY (${select({ first: some[0], last: some.at(-1)! })}) TO ${literal(temporary)}
       (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day), WRITE_PARTITION_COLUMNS, FILENAME_PATTERN 'part-{i}')`,
    );
    written += rowsChanged;
    for (const day of some) {
      const target = join(folder, paths.exportOf(day, attempt));
      await mkdir(target, { recursive: true });
      await rename(join(temporary, paths.day(day), PART), join(target, PART));
    }
    await rm(temporary, { recursive: true, force: true });
  }
  return written;
}

/** Both counted in. */
export interface Days {
  first: string;
  last: string;
}

/**
 * SQL: staged rows to Interactions. A user has one scope a day: that of the last event which names
 * one; of two at the same microsecond the larger text.
 */
export function interactions(window: Days, have: { scopes: boolean; devices: boolean }): string {
  const rows = accepted(window);
  const keys = `"user"${have.devices ? ", device" : ""}, item, event`;
  const columns = `${keys}, count(*) AS count, max(micros) AS "lastAt", CAST(day AS VARCHAR) AS day`;
  if (!have.scopes) return `SELECT ${columns} FROM ${rows} GROUP BY ${keys}, day`;
  return `SELECT ${columns}, said.scope
    FROM ${rows} LEFT JOIN (
      SELECT "user", day, max(struct_pack(micros := micros, scope := scope)).scope AS scope
      FROM ${rows} WHERE scope IS NOT NULL GROUP BY "user", day
    ) AS said USING ("user", day)
    GROUP BY ${keys}, day, said.scope`;
}

/**
 * SQL: staged rows to ItemRows. Of two values at the same microsecond the greater one counts, so
 * that the result is always the same.
 */
export function items(window: Days): string {
  const latest = (column: string) =>
    `(max(struct_pack(micros := micros, value := ${column})) FILTER (${column} IS NOT NULL)).value AS ${column}`;
  const text = (column: string) => `CASE WHEN NOT ${isBlank(column)} THEN ${column} END AS ${column}`;
  const amount = `TRY_CAST(${numberText("price")} AS DOUBLE)`;
  return `SELECT item, ${["name", "category", "price"].map(latest).join(", ")}, max(micros) AS "lastAt", CAST(day AS VARCHAR) AS day
    FROM (
      SELECT item, ${text("name")}, ${text("category")}, CASE WHEN isfinite(amount) THEN amount END AS price, day, micros
      FROM (SELECT * EXCLUDE (price), ${amount} AS amount FROM (
        SELECT item, name, category, price, day, max(micros) AS micros FROM ${accepted(window)} GROUP BY ALL)))
    GROUP BY item, day`;
}

function accepted({ first, last }: Days): string {
  return `(SELECT * FROM staged WHERE reason IS NULL AND day BETWEEN DATE ${literal(first)} AND DATE ${literal(last)})`;
}
