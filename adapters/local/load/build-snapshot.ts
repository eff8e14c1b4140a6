import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../contracts/problem.ts";
import { perTable, TABLE_NAMES, type TableName } from "../../../contracts/tables.ts";
import type { NeighbourTable } from "../../../core/model/neighbour-table.ts";
import { encodeSnapshot, type Model } from "../../../core/model/encode.ts";
import { unviewedWarnings } from "../../../night/run/unviewed-items.ts";
import { readCatalogue } from "./read-catalogue.ts";
import { eachChunk } from "../duckdb.ts";
import { readScopes } from "./read-scopes.ts";
import { codeIds, readIds } from "../similarity/read-ratings.ts";

/** The similarity stage's output, as relations for SQL. */
export interface Sources {
  neighbours: string;
  catalogue: string;
  /** Absent: users have no scopes. */
  scopes?: string | undefined;
  /** The shop's own catalogue was read: see feed/read-feed.ts. */
  hasFeed: boolean;
}

export interface SnapshotHooks {
  progress(fraction: number, message: string): void;
  signal: AbortSignal;
}

/**
 * Builds the snapshot of a model from what the similarity stage wrote.
 * @returns the file's bytes, how many items it has, how many the shop's own catalogue has, and what
 * a person should know of them.
 * @throws Problem when catalogue and neighbours do not fit together.
 */
export async function buildSnapshot(
  connection: DuckDBConnection,
  sources: Sources,
  hooks: SnapshotHooks,
): Promise<{ bytes: Uint8Array; items: number; matched: number; warnings: string[] }> {
  const { matched, ...model } = await readModel(connection, sources, hooks);
  hooks.progress(0.7, "writing the snapshot");
  return { bytes: encodeSnapshot(model), items: model.ids.length, matched, warnings: itemWarnings(model) };
}

/** What a person should know of a model's items. */
export const itemWarnings = ({ ids, catalogue }: Model): string[] => unviewedWarnings({ ids, ...catalogue });

/** The content of a snapshot, read into memory; afterwards the sources may be deleted. */
export async function readModel(
  connection: DuckDBConnection,
  sources: Sources,
  { progress, signal }: SnapshotHooks,
): Promise<Model & { matched: number }> {
  progress(0, "reading the catalogue");
  await codeIds(connection, sources.catalogue, "item");
  const ids = await readIds(connection, "item");
  const { matched, ...catalogue } = await readCatalogue(connection, sources.catalogue, sources.hasFeed);
  if (catalogue.name.length !== ids.length) throw unusable("the catalogue has an item twice");
  progress(0.3, "reading neighbours");
  const tables = await readTables(connection, sources.neighbours, ids.length);
  signal.throwIfAborted();
  const model = { ids, tables, catalogue, matched };
  if (sources.scopes === undefined) return model;
  return { ...model, scopes: await readScopes(connection, sources.scopes) };
}

/**
 * The neighbour lists of all scenarios, by item code; items without a row have none. Each list gets
 * its place before its neighbours are read, so they can come in any order. Nothing is sorted, and
 * only the result is held.
 * @throws Problem when a list occurs twice, or names an item that is not in the catalogue.
 */
async function readTables(
  connection: DuckDBConnection,
  source: string,
  items: number,
): Promise<Record<TableName, NeighbourTable>> {
  const tables = TABLE_NAMES.map(() => ({ offset: new Int32Array(items + 1) }) as NeighbourTable);
  const scenario = `list_position(['${TABLE_NAMES.join("', '")}'], scenario) - 1`;
  const lengths = `SELECT ${scenario}, code, len(neighbours)::INTEGER FROM ${source} LEFT JOIN item_codes USING (item)`;
  await eachChunk(connection, lengths, (columns) => {
    const [table, code, length] = columns as (readonly number[])[];
    for (let row = 0; row < code.length; row++) {
      if (code[row] === null) throw unusable("an item that has neighbours is not in the catalogue");
      const { offset } = tables[table[row]];
      if (offset[code[row] + 1] > 0) throw unusable("an item has two lists of neighbours in one scenario");
      offset[code[row] + 1] = length[row];
    }
  });
  for (const table of tables) {
    for (let i = 0; i < items; i++) table.offset[i + 1] += table.offset[i];
    table.item = new Int32Array(table.offset[items]).fill(-1);
    table.score = new Int32Array(table.offset[items]);
  }
  const neighbours = `
    SELECT ${scenario}, one.code, place::INTEGER, other.code, round(neighbour.score * 1e6)::INTEGER
    FROM (
      SELECT scenario, item, unnest(neighbours) AS neighbour, generate_subscripts(neighbours, 1) AS place FROM ${source}
    ) AS found
    JOIN item_codes AS one ON one.item = found.item JOIN item_codes AS other ON other.item = neighbour.item`;
  await eachChunk(connection, neighbours, (columns) => {
    const [table, code, place, neighbour, score] = columns as (readonly number[])[];
    for (let row = 0; row < code.length; row++) {
      const { offset, item, score: scores } = tables[table[row]];
      const at = offset[code[row]] + place[row] - 1;
      item[at] = neighbour[row];
      scores[at] = score[row];
    }
  });
  if (tables.some(({ item }) => item.includes(-1))) throw unusable("a neighbour is not in the catalogue");
  return perTable((name) => tables[TABLE_NAMES.indexOf(name)]);
}

function unusable(why: string): Problem {
  const next =
    "run the night again from its similarity stage; if it happens again, report it with the manifest";
  return new Problem({ doing: "Building the snapshot", why, next });
}
