import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../contracts/problem.ts";
import type { ScenarioName } from "../../contracts/scenarios.ts";
import type { NeighbourTable } from "../../core/recommend.ts";
import { encodeSnapshot } from "../../core/snapshot/encode.ts";
import { readCatalogue } from "./catalogue.ts";
import { eachChunk, query } from "./duckdb.ts";
import { codeIds, readIds } from "./ratings.ts";

export interface SnapshotHooks {
  progress(fraction: number, message: string): void;
  signal: AbortSignal;
}

/**
 * Builds the snapshot of a model from what the similarity stage wrote: relations for SQL, of one engine or another.
 * @returns the file's bytes, and how many items it has.
 * @throws Problem when the catalogue names an item twice.
 */
export async function buildSnapshot(
  connection: DuckDBConnection,
  sources: { neighbours: string; catalogue: string },
  { progress, signal }: SnapshotHooks,
): Promise<{ bytes: Uint8Array; items: number }> {
  progress(0, "reading the catalogue");
  await codeIds(connection, sources.catalogue, "item");
  const ids = await readIds(connection, "item");
  const catalogue = await readCatalogue(connection, sources.catalogue);
  if (catalogue.name.length !== ids.length) throw repeatedItems(catalogue.name.length - ids.length);
  progress(0.3, "reading neighbours");
  const similar = await readTable(connection, sources.neighbours, "similar", ids.length);
  const together = await readTable(connection, sources.neighbours, "together", ids.length);
  signal.throwIfAborted();
  progress(0.7, "writing the snapshot");
  return { bytes: encodeSnapshot({ ids, similar, together, catalogue }), items: ids.length };
}

/** The neighbour lists of one scenario, by item code; items without a row have none. */
async function readTable(
  connection: DuckDBConnection,
  source: string,
  scenario: ScenarioName,
  items: number,
): Promise<NeighbourTable> {
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE found AS
    SELECT one.code AS item, other.code AS neighbour, place, round(neighbour.score * 1e6)::INTEGER AS score
    FROM (
      SELECT item, unnest(neighbours) AS neighbour, generate_subscripts(neighbours, 1) AS place
      FROM ${source} WHERE scenario = '${scenario}'
    ) AS found
    JOIN item_codes AS one ON one.item = found.item JOIN item_codes AS other ON other.item = neighbour.item`);
  const [{ length }] = await query<{ length: number }>(
    connection,
    "SELECT count(*)::INTEGER AS length FROM found",
  );
  const table = {
    offset: new Int32Array(items + 1),
    item: new Int32Array(length),
    score: new Int32Array(length),
  };
  let at = 0;
  await eachChunk(connection, "SELECT item, neighbour, score FROM found ORDER BY item, place", (columns) => {
    const [codes, neighbours, scores] = columns as (readonly number[])[];
    for (const code of codes) table.offset[code + 1]++;
    table.item.set(neighbours, at);
    table.score.set(scores, at);
    at += codes.length;
  });
  await connection.run("DROP TABLE found");
  for (let i = 0; i < items; i++) table.offset[i + 1] += table.offset[i];
  return table;
}

function repeatedItems(count: number): Problem {
  return new Problem({
    doing: "Building the snapshot",
    why: `the catalogue has ${count} items twice`,
    next: "run the night again from its similarity stage; if it happens again, report it with the manifest",
  });
}
