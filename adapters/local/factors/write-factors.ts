import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS } from "../../../contracts/interactions.ts";
import type { AlsKnobs } from "../../../contracts/settings/als.ts";
import { rowOf, trainedRows, type FactorRows } from "../../../core/factors/factor-rows.ts";
import type { Workspace } from "../../../core/factors/workspace.ts";
import { appendTable, CHUNK_ROWS, literal } from "../duckdb.ts";
import { weightOf } from "../similarity/entries.ts";

interface WrittenFactors extends Pick<AlsKnobs, "eventWeights"> {
  workspace: Workspace;
  /** A table of user and item: what a history only has to be kept from its user. */
  disliked?: string | undefined;
}

/**
 * Writes UserFactors and ItemFactors as Parquet, from the table `entries`. Users and items without
 * an entry that weighs something are left out.
 */
export async function writeFactors(
  connection: DuckDBConnection,
  { workspace, eventWeights, disliked }: WrittenFactors,
  files: { users: string; items: string },
): Promise<void> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE weighed AS
    SELECT "user", item_codes.item, (${weightOf(EVENTS, eventWeights)})::DOUBLE AS weight,
      ${EVENTS.at(-1)} IS NOT NULL AS bought
    FROM entries JOIN item_codes ON code = entries.item WHERE weight > 0`);
  const never = disliked
    ? `UNION ALL SELECT code, item, 0, true FROM ${disliked} JOIN user_codes USING ("user")
       WHERE item IN (SELECT item FROM item_codes) AND code IN (SELECT "user" FROM weighed)`
    : "";
  await append(connection, trainedRows(workspace, "users"));
  await copy(
    connection,
    // list_sort goes by the first field, the item. ORDER BY within list() costs five times as much.
    `SELECT user_codes."user", vector, list_sort(entries) AS history
     FROM (
       SELECT "user" AS code, list({item: item, weight: weight, bought: bought}) AS entries
       FROM (FROM weighed ${never}) GROUP BY "user"
     ) JOIN user_codes USING (code) JOIN vectors USING (code)
     ORDER BY code`,
    files.users,
  );
  await append(connection, trainedRows(workspace, "items"));
  await copy(
    connection,
    `SELECT item, vector FROM vectors JOIN item_codes USING (code)
     WHERE item IN (SELECT item FROM weighed) ORDER BY code`,
    files.items,
  );
  await connection.run("DROP TABLE vectors; DROP TABLE weighed");
}

async function copy(connection: DuckDBConnection, sql: string, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await connection.run(`COPY (${sql}) TO ${literal(file)} (FORMAT parquet)`);
}

/** Makes the table `vectors` (code, vector). */
const append = (connection: DuckDBConnection, rows: FactorRows) =>
  appendTable(connection, "vectors", { code: "INTEGER", vector: "BLOB" }, chunks(rows));

function* chunks(rows: FactorRows) {
  for (let from = 0; from < rows.rows; from += CHUNK_ROWS) {
    const codes = Array.from({ length: Math.min(CHUNK_ROWS, rows.rows - from) }, (_, k) => from + k);
    yield [codes, codes.map((code) => bytesOf(rowOf(rows, code)))];
  }
}

const bytesOf = (vector: Float32Array) => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
