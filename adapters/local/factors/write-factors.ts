import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS } from "../../../contracts/interactions.ts";
import type { AlsKnobs } from "../../../contracts/settings/als.ts";
import { rowOf, trainedRows, type FactorRows } from "../../../core/factors/factor-rows.ts";
import type { Workspace } from "../../../core/factors/workspace.ts";
import { literal } from "../duckdb.ts";
import { weightOf, type Interactions } from "../similarity/read-ratings.ts";

/** DuckDB's vector size: rows are appended in chunks of it. */
const CHUNK = 2048;

/**
 * Writes UserFactors and ItemFactors as Parquet. Users and items are those of the tables
 * `user_codes` and `item_codes`; those without an entry are left out.
 */
export async function writeFactors(
  connection: DuckDBConnection,
  interactions: Interactions,
  { workspace, eventWeights }: { workspace: Workspace } & Pick<AlsKnobs, "eventWeights">,
  files: { users: string; items: string },
): Promise<void> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE entries AS
    SELECT "user", item, sum(count * ${weightOf(eventWeights)})::DOUBLE AS weight,
      bool_or(event = '${EVENTS.at(-1)}') AS bought
    FROM ${interactions} GROUP BY "user", item HAVING weight > 0`);
  await append(connection, trainedRows(workspace, "users"));
  await copy(
    connection,
    `SELECT "user", any_value(vector) AS vector,
       list({item: item, weight: weight, bought: bought} ORDER BY item) AS history
     FROM entries JOIN user_codes USING ("user") JOIN vectors USING (code) GROUP BY "user" ORDER BY "user"`,
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
async function append(connection: DuckDBConnection, rows: FactorRows): Promise<void> {
  const { blobValue, BLOB, DuckDBDataChunk, INTEGER } = await import("@duckdb/node-api");
  await connection.run("CREATE OR REPLACE TEMP TABLE vectors (code INTEGER, vector BLOB)");
  const appender = await connection.createAppender("vectors");
  for (let from = 0; from < rows.rows; from += CHUNK) {
    const codes = Array.from({ length: Math.min(CHUNK, rows.rows - from) }, (_, k) => from + k);
    const chunk = DuckDBDataChunk.create([INTEGER, BLOB], codes.length);
    chunk.setColumnValues(0, codes);
    chunk.setColumnValues(
      1,
      codes.map((code) => blobValue(bytesOf(rowOf(rows, code)))),
    );
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

const bytesOf = (vector: Float32Array) => new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
