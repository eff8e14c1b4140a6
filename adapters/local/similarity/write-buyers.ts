import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { DEEDS, type Buyers } from "../../../contracts/jobs.ts";
import { literal } from "../duckdb.ts";
import type { Interactions } from "./entries.ts";

/** Writes the interactions of those by whom a day is judged, user by user: see `Buyers`. */
export async function writeBuyers(
  connection: DuckDBConnection,
  interactions: Interactions,
  { day, most }: Buyers,
  file: string,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE buyers AS
    SELECT DISTINCT "user" FROM (
      SELECT event, "user" FROM ${interactions}
      WHERE day = ${literal(day)} AND event IN (${DEEDS.map(literal).join(", ")})
      GROUP BY event, "user"
      QUALIFY row_number() OVER (PARTITION BY event ORDER BY sha256("user")) <= ${most}
    )`);
  await connection.run(`
    COPY (
      SELECT "user", item, event, count, "lastAt", day FROM ${interactions} SEMI JOIN buyers USING ("user")
      ORDER BY "user", "lastAt", item, event
    ) TO ${literal(file)} (FORMAT parquet)`);
  await connection.run("DROP TABLE buyers");
}
