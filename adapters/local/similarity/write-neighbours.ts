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
  await appendTable(connection, "found", COLUMNS, chunksOf(tables));
  // list_sort goes by the first field, the place. An ORDER BY within list() costs twice as much.
  await connection.run(`
    COPY (
      SELECT scenario, one.item AS item,
        list_transform(
          list_sort(list({place: place, item: other.item, score: score / 1e6})),
          lambda each: {item: each.item, score: each.score}
        ) AS neighbours
      FROM found JOIN item_codes AS one ON one.code = found.code JOIN item_codes AS other ON other.code = neighbour
      GROUP BY scenario, one.item ORDER BY scenario, one.item
    ) TO ${literal(file)} (FORMAT parquet)`);
  await connection.run("DROP TABLE found");
}

const COLUMNS = {
  scenario: "VARCHAR",
  code: "INTEGER",
  place: "INTEGER",
  neighbour: "INTEGER",
  score: "INTEGER",
} as const;

function* chunksOf(tables: Record<TableName, NeighbourTable>) {
  for (const [scenario, table] of Object.entries(tables)) {
    for (const { code, place, neighbour, score } of chunks(table))
      yield [Array<string>(code.length).fill(scenario), code, place, neighbour, score];
  }
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
      if (rows.code.length < CHUNK_ROWS) continue;
      yield rows;
      rows = empty();
    }
  }
  if (rows.code.length > 0) yield rows;
}
