import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { PART, paths, type SimilarityOutput } from "../../../contracts/layout.ts";
import { ExportMetrics, type ScenarioMetrics, type SimilarityMetrics } from "../../../contracts/metrics.ts";
import { TABLE_NAMES, TABLES, type TableName } from "../../../contracts/tables.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { neighbourTable, type NeighbourTable } from "../../../core/ranking/query.ts";
import type { IdHashes } from "../../../core/ratings/dimsum.ts";
import type { Ratings } from "../../../core/ratings/ratings.ts";
import { recallOfSample } from "../../../core/tables/cosine/recall.ts";
import { inertWeights } from "../../../night/run/inert-weights.ts";
import { metricsOf, type StageContext } from "../../../night/run/stage.ts";
import { openDuckDB } from "../duckdb.ts";
import { writeCatalogue } from "../catalogue.ts";
import { pinnedInteractions, pinnedItems } from "./pinned.ts";
import { codeIds, readHashes, readIds, readRatings } from "./read-ratings.ts";
import { findNeighbours } from "./find-neighbours.ts";
import { writeNeighbours } from "./write-neighbours.ts";
import { localStage, type Hooks } from "../local-stage.ts";

/** The similarity stage on this machine: interactions in, a neighbour table for each scenario and the catalogue out. */
export const similarityStage = (root: string) =>
  localStage("similarity", async ({ manifest, settings, attempt }, hooks) => {
    const { shop, run } = manifest;
    const output = paths.similarity(shop, run, attempt);
    const db = await openDuckDB({ threads: settings.threads, temporary: join(root, output.spill) });
    try {
      const metrics = await findTables(
        db.connection,
        { manifest, settings, attempt },
        { root, output },
        hooks,
      );
      return { metrics, warnings: inertWeights(settings) };
    } finally {
      db.close();
    }
  });

async function findTables(
  connection: DuckDBConnection,
  { manifest, settings }: StageContext,
  { root, output }: { root: string; output: SimilarityOutput },
  hooks: Hooks,
): Promise<SimilarityMetrics> {
  const exported = metricsOf(manifest, "export", ExportMetrics);
  const interactions = pinnedInteractions(root, exported);
  hooks.progress(0, "reading interactions");
  await codeIds(connection, interactions, "item");
  await codeIds(connection, interactions, "user");
  const ids = await readIds(connection, "item");
  const hashes = settings.mode === "dimsum" ? await readHashes(connection, ids) : undefined;
  let users = 0;
  const tables = {} as Record<TableName, NeighbourTable>;
  const scenarios: Record<string, ScenarioMetrics> = {};
  for (const [k, name] of TABLE_NAMES.entries()) {
    // The first scenario has all the events, and most of the work.
    const [from, to] = k === 0 ? [0.1, 0.7] : [0.7, 0.85];
    const progress = (fraction: number) =>
      hooks.progress(from + (to - from) * fraction, `neighbours, ${name}`);
    const ratings = await readRatings(connection, interactions, TABLES[name].events, settings);
    users = ratings.users;
    const found = await scenario(ratings, hashes, settings, { ...hooks, progress });
    [tables[name], scenarios[name]] = [found.table, found.metrics];
  }
  hooks.signal.throwIfAborted();
  hooks.progress(0.85, "writing neighbours");
  await writeNeighbours(connection, tables, join(root, output.neighbours, PART));
  hooks.progress(0.95, "writing the catalogue");
  const sources = { interactions, items: pinnedItems(root, exported) };
  await writeCatalogue(connection, sources, join(root, output.catalogue, PART));
  const { neighbours, catalogue } = output;
  return { neighbours, catalogue, items: ids.length, users, scenarios };
}

async function scenario(ratings: Ratings, hashes: IdHashes | undefined, settings: Settings, hooks: Hooks) {
  const { threads } = settings;
  const found = await findNeighbours(ratings, settings, { ...hooks, threads, hashes });
  const { neighbours, entries, capped, kept, pairs } = found;
  const table = neighbourTable(neighbours);
  const recall =
    settings.mode === "dimsum" ? { recallAtTop: recallOfSample(ratings, settings, neighbours) } : {};
  return { table, metrics: { entries, capped, kept, pairs, neighbours: table.item.length, ...recall } };
}
