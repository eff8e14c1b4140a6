import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { TableName } from "../../../contracts/tables.ts";
import type { NeighbourTable } from "../../../core/model/neighbour-table.ts";
import { appendTable, CHUNK_ROWS, literal } from "../duckdb.ts";

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
  await appendTable(connection, "found", COLUMNS, chunksOf(Object.values(tables)));
  const names = Object.keys(tables).map(literal);
  // list_sort goes by the first field, the place. An ORDER BY within list() costs twice as much.
  await connection.run(`
    COPY (
      SELECT [${names.join(", ")}][scenario] AS scenario, item, neighbours
      FROM (
        SELECT scenario, found.code,
          list_transform(
            list_sort(list({place: place, item: item, score: score / 1e6})),
            lambda each: {item: each.item, score: each.score}
          ) AS neighbours
        FROM found JOIN item_codes ON item_codes.code = neighbour GROUP BY scenario, found.code
      ) JOIN item_codes USING (code) ORDER BY scenario, code
    ) TO ${literal(file)} (FORMAT parquet)`);
  await connection.run("DROP TABLE found");
}

/** Scenarios are numbered from 1 on. `place` is that among all neighbours of a scenario. */
const COLUMNS = {
  scenario: "INTEGER",
  code: "INTEGER",
  place: "INTEGER",
  neighbour: "INTEGER",
  score: "INTEGER",
} as const;

function* chunksOf(tables: NeighbourTable[]) {
  for (const [k, { offset, item, score }] of tables.entries()) {
    let code = 0;
    for (let from = 0; from < item.length; from += CHUNK_ROWS) {
      const to = Math.min(from + CHUNK_ROWS, item.length);
      const places = Int32Array.from({ length: to - from }, (_, row) => from + row);
      const codes = places.map((place) => {
        while (offset[code + 1] <= place) code++;
        return code;
      });
      const scenarios = new Int32Array(to - from).fill(k + 1);
      yield [scenarios, codes, places, item.subarray(from, to), score.subarray(from, to)];
    }
  }
}
