import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { mkdir } from "node:fs/promises";
import { paths } from "../../../contracts/manifest.ts";
import { ExportMetrics, SimilarityMetrics, type LoadMetrics } from "../../../contracts/metrics.ts";
import type { ScenarioName } from "../../../contracts/scenarios.ts";
import type { NeighbourTable } from "../../../core/recommend.ts";
import { encodeSnapshot, type Catalogue } from "../../../core/snapshot/encode.ts";
import type { Objects } from "../../../night/objects.ts";
import { sha256 } from "../../../night/snapshot.ts";
import { metricsOf } from "../../../night/stage.ts";
import { eachChunk, literal, openDuckDB, parquetFiles, query } from "../duckdb.ts";
import { pinnedInteractions, pinnedItems } from "../pinned.ts";
import { codeIds, readIds } from "../ratings.ts";
import { localStage } from "./local-stage.ts";

/** The load stage on this machine: catalogue and neighbours in, the snapshot out. */
export const loadStage = (root: string, objects: Objects) =>
  localStage("load", async ({ manifest, settings, attempt }, { progress, signal }) => {
    const { shop, run } = manifest;
    const exported = metricsOf(manifest, "export", ExportMetrics);
    const { neighbours } = metricsOf(manifest, "similarity", SimilarityMetrics);
    const folder = `${paths.model(shop, run)}load=${attempt}/`;
    const db = await openDuckDB({ threads: settings.threads, temporary: join(root, folder, ".tmp-spill") });
    try {
      const { connection } = db;
      progress(0, "building the catalogue");
      const sources = {
        interactions: pinnedInteractions(root, shop, exported),
        items: pinnedItems(root, shop, exported),
      };
      await codeIds(connection, sources.interactions, "item");
      const ids = await readIds(connection, "item");
      const catalogue = await buildCatalogue(connection, sources, join(root, folder, "catalogue.parquet"));
      progress(0.3, "reading neighbours");
      const source = parquetFiles([join(root, neighbours)]);
      const similar = await readTable(connection, source, "similar", ids.length);
      const together = await readTable(connection, source, "together", ids.length);
      signal.throwIfAborted();
      progress(0.7, "writing the snapshot");
      const bytes = encodeSnapshot({ ids, similar, together, catalogue });
      const snapshot = { path: `${folder}snapshot.arrow`, bytes: bytes.length, sha256: await sha256(bytes) };
      await objects.put(snapshot.path, bytes);
      const metrics: LoadMetrics = { catalogue: `${folder}catalogue.parquet`, snapshot, items: ids.length };
      return { metrics };
    } finally {
      db.close();
    }
  });

/** One row an item, sorted by id: what the last event said of it, and how often it was looked at and bought. */
async function buildCatalogue(
  connection: DuckDBConnection,
  { interactions, items }: { interactions: string; items: string },
  file: string,
): Promise<Catalogue> {
  await mkdir(join(file, ".."), { recursive: true });
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE catalogue AS
    WITH counts AS (
      SELECT item, count(DISTINCT "user")::INTEGER AS users,
        coalesce(sum(count) FILTER (event = 'view_item'), 0)::INTEGER AS views,
        coalesce(sum(count) FILTER (event = 'purchase'), 0)::INTEGER AS purchases
      FROM ${interactions} GROUP BY item
    ), attributes AS (
      SELECT item, arg_max(name, lastAt) AS name, arg_max(category, lastAt) AS category, arg_max(price, lastAt) AS price
      FROM ${items} GROUP BY item
    )
    SELECT item, name, category, price, true AS available, users, views, purchases
    FROM counts LEFT JOIN attributes USING (item) ORDER BY item`);
  await connection.run(`COPY catalogue TO ${literal(file)} (FORMAT parquet)`);
  const rows = await query<CatalogueRow>(connection, "FROM catalogue ORDER BY item");
  const integers = (name: "users" | "views" | "purchases") => Int32Array.from(rows, (row) => row[name]);
  return {
    name: rows.map((row) => row.name),
    category: rows.map((row) => row.category),
    price: rows.map((row) => row.price),
    available: rows.map((row) => row.available),
    users: integers("users"),
    views: integers("views"),
    purchases: integers("purchases"),
  };
}

interface CatalogueRow {
  name: string | null;
  category: string | null;
  price: number | null;
  available: boolean;
  users: number;
  views: number;
  purchases: number;
}

/** The neighbour lists of one scenario, by item code; items without a row have none. */
async function readTable(
  connection: DuckDBConnection,
  source: string,
  scenario: ScenarioName,
  items: number,
): Promise<NeighbourTable> {
  const [item, score]: [number[], number[]] = [[], []];
  const offset = new Int32Array(items + 1);
  const found = `
    SELECT one.code, other.code, round(neighbour.score * 1e6)::INTEGER
    FROM (
      SELECT item, unnest(neighbours) AS neighbour, generate_subscripts(neighbours, 1) AS place
      FROM ${source} WHERE scenario = '${scenario}'
    ) AS found
    JOIN item_codes AS one ON one.item = found.item JOIN item_codes AS other ON other.item = neighbour.item
    ORDER BY one.code, place`;
  await eachChunk(connection, found, (columns) => {
    const [codes, neighbours, scores] = columns as (readonly number[])[];
    for (const code of codes) offset[code + 1]++;
    for (let k = 0; k < codes.length; k++) {
      item.push(neighbours[k]);
      score.push(scores[k]);
    }
  });
  for (let i = 0; i < items; i++) offset[i + 1] += offset[i];
  return { offset, item: Int32Array.from(item), score: Int32Array.from(score) };
}
