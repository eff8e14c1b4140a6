import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { TableName } from "../../../contracts/tables.ts";
import type { NeighbourTable } from "../../../core/model/neighbour-table.ts";
import { literal } from "../duckdb.ts";

/** DuckDB's vector size: rows are appended in chunks of it. */
const CHUNK = 2048;

/**
 * Writes neighbours.parquet: scenario, item, neighbours LIST<STRUCT<item, score>>, best first.
 * Items are codes of the table `item_codes`. An item without neighbours has no row.
 */
export async function writeNeighbours(
  connection: DuckDBConnection,
  tables: Record<TableName, NeighbourTable>,
  file: string,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE found (scenario VARCHAR, code INTEGER, place INTEGER, neighbour INTEGER, score INTEGER)`,
  );
  for (const [scenario, table] of Object.entries(tables)) await appendTable(connection, scenario, table);
  await connection.run(`
    COPY (
      SELECT scenario, one.item AS item, list({item: other.item, score: score / 1e6} ORDER BY place) AS neighbours
      FROM found JOIN item_codes AS one ON one.code = found.code JOIN item_codes AS other ON other.code = neighbour
      GROUP BY scenario, one.item ORDER BY scenario, one.item
    ) TO ${literal(file)} (FORMAT parquet)`);
  await connection.run("DROP TABLE found");
}

async function appendTable(
  connection: DuckDBConnection,
  scenario: string,
  table: NeighbourTable,
): Promise<void> {
  const { DuckDBDataChunk, VARCHAR, INTEGER } = await import("@duckdb/node-api");
  const appender = await connection.createAppender("found");
  for (const rows of chunks(table)) {
    const chunk = DuckDBDataChunk.create([VARCHAR, INTEGER, INTEGER, INTEGER, INTEGER], rows.code.length);
    chunk.setColumnValues(0, Array(rows.code.length).fill(scenario));
    [rows.code, rows.place, rows.neighbour, rows.score].forEach((column, k) =>
      chunk.setColumnValues(k + 1, column),
    );
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

function* chunks({ offset, item, score }: NeighbourTable) {
  const empty = () => ({
    code: [] as number[],
    place: [] as number[],
    neighbour: [] as number[],
    score: [] as number[],
  });
  let rows = empty();
  for (let i = 0; i + 1 < offset.length; i++) {
    for (let k = offset[i]; k < offset[i + 1]; k++) {
      rows.code.push(i);
      rows.place.push(k - offset[i]);
      rows.neighbour.push(item[k]);
      rows.score.push(score[k]);
      if (rows.code.length < CHUNK) continue;
      yield rows;
      rows = empty();
    }
  }
  if (rows.code.length > 0) yield rows;
}
