import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ScopeBounds } from "../../../contracts/jobs.ts";
import type { ScopeMetrics } from "../../../contracts/metrics.ts";
import { literal, query } from "../duckdb.ts";
import type { Interactions } from "./entries.ts";

/** Writes the scopes of users: ScopeRows, by scope. */
export async function writeScopes(
  connection: DuckDBConnection,
  interactions: Interactions,
  { minUsers, most, items }: ScopeBounds,
  file: string,
): Promise<ScopeMetrics> {
  await mkdir(dirname(file), { recursive: true });
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE belongs AS
    SELECT "user", max(struct_pack(at := "lastAt", scope := scope)).scope AS scope
    FROM ${interactions} WHERE scope IS NOT NULL GROUP BY "user"`);
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE listed AS
    SELECT scope, count(*)::INTEGER AS users FROM belongs GROUP BY scope HAVING count(*) >= ${minUsers}
    ORDER BY users DESC, scope LIMIT ${most}`);
  await connection.run(`
    COPY (
      WITH counts AS (
        SELECT belongs.scope, item, count(DISTINCT "user")::INTEGER AS users
        FROM (SELECT "user", item FROM ${interactions}) JOIN belongs USING ("user") JOIN listed USING (scope)
        GROUP BY ALL
      ), places AS (
        SELECT *, row_number() OVER (PARTITION BY scope ORDER BY users DESC, item) AS place FROM counts
      ), items AS (
        SELECT scope, list(struct_pack(item := item, users := users) ORDER BY place) AS items
        FROM places WHERE place <= ${items} GROUP BY scope
      )
      SELECT scope, users, items FROM listed JOIN items USING (scope) ORDER BY scope
    ) TO ${literal(file)} (FORMAT parquet)`);
  const [counts] = await query<ScopeMetrics>(
    connection,
    `SELECT count(*)::INTEGER AS found, (count(*) FILTER (users < ${minUsers}))::INTEGER AS small,
       (SELECT count(*)::INTEGER FROM listed) AS listed
     FROM (SELECT count(*) AS users FROM belongs GROUP BY scope)`,
  );
  await connection.run("DROP TABLE belongs; DROP TABLE listed");
  return counts;
}
