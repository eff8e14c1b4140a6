import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS } from "../../../contracts/interactions.ts";
import type { AlsKnobs } from "../../../contracts/settings/als.ts";
import { rowOf, trainedRows, type FactorRows } from "../../../core/factors/factor-rows.ts";
import type { Workspace } from "../../../core/factors/workspace.ts";
import { appendTable, CHUNK_ROWS, literal } from "../duckdb.ts";
import { weightOf, type Interactions } from "../similarity/read-ratings.ts";

interface WrittenFactors extends Pick<AlsKnobs, "eventWeights"> {
  workspace: Workspace;
  /** A table of user and item: what a history only has to be kept from its user. */
  disliked?: string | undefined;
}

/**
 * Writes UserFactors and ItemFactors as Parquet. Users and items are those of the tables
 * `user_codes` and `item_codes`; those without an entry are left out.
 */
export async function writeFactors(
  connection: DuckDBConnection,
  interactions: Interactions,
  { workspace, eventWeights, disliked }: WrittenFactors,
  files: { users: string; items: string },
): Promise<void> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE entries AS
    SELECT "user", item, sum(count * ${weightOf(eventWeights)})::DOUBLE AS weight,
      bool_or(event = '${EVENTS.at(-1)}') AS bought
    FROM ${interactions} GROUP BY "user", item HAVING weight > 0`);
  const never = disliked
    ? `UNION ALL SELECT "user", item, 0, true FROM ${disliked}
       WHERE item IN (SELECT item FROM item_codes) AND "user" IN (SELECT "user" FROM entries)`
    : "";
  await append(connection, trainedRows(workspace, "users"));
  await copy(
    connection,
    // list_sort goes by the first field, the item. ORDER BY within list() costs five times as much.
    `SELECT "user", vector, list_sort(entries) AS history
     FROM (
       SELECT "user", list({item: item, weight: weight, bought: bought}) AS entries
       FROM (FROM entries ${never}) GROUP BY "user"
     ) JOIN user_codes USING ("user") JOIN vectors USING (code)
     ORDER BY "user"`,
    files.users,
  );
  await append(connection, trainedRows(workspace, "items"));
  await copy(
    connection,
    `SELECT item, vector FROM vectors JOIN item_codes USING (code)
     WHERE item IN (SELECT item FROM entries) ORDER BY item`,
    files.items,
  );
  await connection.run("DROP TABLE vectors; DROP TABLE entries");
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
