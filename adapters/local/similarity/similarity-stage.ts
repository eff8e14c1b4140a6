import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { buyersOf, peopleRulesOf, scopeBoundsOf } from "../../../contracts/jobs.ts";
import { PART, paths, type SimilarityOutput } from "../../../contracts/layout.ts";
import { ExportMetrics, type ScenarioMetrics, type SimilarityMetrics } from "../../../contracts/metrics.ts";
import { TABLE_NAMES, TABLES, type TableName } from "../../../contracts/tables.ts";
import { alsKnobsOf } from "../../../contracts/settings/als.ts";
import { reviewKnobsOf } from "../../../contracts/settings/reviews.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { knobsOfAll, type Knobs } from "../../../contracts/settings/similarity.ts";
import { tooLarge } from "../../../core/factors/workspace.ts";
import { neighbourTable, type NeighbourTable } from "../../../core/model/neighbour-table.ts";
import { filledRows, usersPerItem, type Ratings } from "../../../core/ratings/ratings.ts";
import { makerOf } from "../../../core/tables/makers.ts";
import { inertWeights } from "../../../night/run/inert-weights.ts";
import { peopleWarnings } from "../../../night/run/people-warnings.ts";
import { scopeWarnings } from "../../../night/run/scope-warnings.ts";
import { metricsOf, type StageContext } from "../../../night/run/stage.ts";
import { openDuckDB } from "../duckdb.ts";
import { writeCatalogue } from "../catalogue.ts";
import { pinnedInteractions, pinnedItems, pinnedReviews } from "./pinned.ts";
import { threadsOf } from "../factors/crew.ts";
import { iterationLine, readWeighted, train } from "../factors/train.ts";
import { writeFactors } from "../factors/write-factors.ts";
import { codeEntries, type Interactions } from "./entries.ts";
import { codeIds, readHashes, readIds, readRatings } from "./read-ratings.ts";
import { findNeighbours, type SimilarityHooks } from "./find-neighbours.ts";
import { writeBuyers } from "./write-buyers.ts";
import { writeNeighbours } from "./write-neighbours.ts";
import { findPeople } from "./people.ts";
import { readShares, withReviews, type Reviewed } from "./with-reviews.ts";
import { writeScopes } from "./write-scopes.ts";
import { localStage, type Hooks } from "../local-stage.ts";

/**
 * The similarity stage on this machine: it turns interactions into neighbour tables, the catalogue
 * and factors.
 */
export const similarityStage = (root: string) =>
  localStage("similarity", async ({ manifest, settings, attempt }, hooks) => {
    const { shop, run } = manifest;
    const output = paths.similarity(shop, run, attempt);
    const db = await openDuckDB({ threads: settings.threads, temporary: join(root, output.spill) });
    try {
      const context = { manifest, settings, attempt };
      const { metrics, warnings } = await findTables(db.connection, context, { root, output }, hooks);
      return { metrics, warnings: [...inertWeights(settings), ...warnings] };
    } finally {
      db.close();
    }
  });

async function findTables(
  connection: DuckDBConnection,
  { manifest, settings }: StageContext,
  { root, output }: { root: string; output: SimilarityOutput },
  hooks: Hooks,
): Promise<{ metrics: SimilarityMetrics; warnings: string[] }> {
  const exported = metricsOf(manifest, "export", ExportMetrics);
  hooks.progress(0, "reading interactions");
  const found = await findPeople(connection, pinnedInteractions(root, exported), peopleRulesOf(settings));
  const people = { metrics: found.metrics, warnings: peopleWarnings(found.metrics, settings) };
  await writeBuyers(
    connection,
    found.interactions,
    buyersOf(manifest.lastDay),
    join(root, output.buyers, PART),
  );
  const reviewed = await readReviewed(
    connection,
    found.interactions,
    pinnedReviews(root, exported),
    settings,
  );
  const { interactions } = reviewed;
  await codeIds(connection, interactions, "item");
  await codeIds(connection, interactions, "user");
  await codeEntries(connection, interactions);
  const ids = await readIds(connection, "item");
  const knobs = knobsOfAll(settings);
  const isSampled = Object.values(knobs).some(({ mode }) => mode === "dimsum");
  const hashes = isSampled ? await readHashes(connection, ids) : undefined;
  const share = reviewed.disliked ? await readShares(connection) : undefined;
  let users = 0;
  const tables = {} as Record<TableName, NeighbourTable>;
  const scenarios: Record<string, ScenarioMetrics> = {};
  for (const [k, name] of TABLE_NAMES.entries()) {
    const [from, to] = shareOfTable(k);
    const progress = (fraction: number) =>
      hooks.progress(from + (to - from) * fraction, `neighbours, ${name}`);
    const ratings = await readRatings(connection, TABLES[name].events, knobs[name]);
    if (share) ratings.share = share;
    users = ratings.users;
    const work = { ...hooks, progress, hashes, threads: settings.threads };
    const made = await makeTable(ratings, knobs[name], work);
    [tables[name], scenarios[name]] = [made.table, made.metrics];
  }
  hooks.signal.throwIfAborted();
  hooks.progress(0.6, "writing neighbours");
  await writeNeighbours(connection, tables, join(root, output.neighbours, PART));
  hooks.progress(0.65, "writing the catalogue");
  await writeCatalogue(connection, pinnedItems(root, exported), join(root, output.catalogue, PART));
  const { neighbours, catalogue, buyers } = output;
  const scopes = await findScopes(connection, interactions, settings, { root, output });
  const factors = await findFactors(connection, reviewed.disliked, settings, { root, output }, hooks);
  const counts = { items: ids.length, users, scenarios, people: people.metrics };
  return {
    metrics: { neighbours, catalogue, buyers, ...counts, knobs, ...scopes, ...factors.metrics },
    warnings: [...people.warnings, ...scopeWarnings(scopes.scopes, settings), ...factors.warnings],
  };
}

/** The interactions as reviews leave them, if there are any. */
async function readReviewed(
  connection: DuckDBConnection,
  interactions: Interactions,
  reviews: string | undefined,
  settings: Settings,
): Promise<Partial<Reviewed> & Pick<Reviewed, "interactions">> {
  if (!reviews) return { interactions };
  return withReviews(connection, { interactions, reviews }, reviewKnobsOf(settings));
}

/** Writes the scopes of users, where the events name any. */
async function findScopes(
  connection: DuckDBConnection,
  interactions: Interactions,
  settings: Settings,
  { root, output: { scopeItems } }: { root: string; output: SimilarityOutput },
): Promise<Pick<SimilarityMetrics, "scopes" | "scopeItems">> {
  const bounds = scopeBoundsOf(settings);
  if (!bounds) return {};
  const scopes = await writeScopes(connection, interactions, bounds, join(root, scopeItems, PART));
  return { scopes, ...(scopes.listed > 0 ? { scopeItems } : {}) };
}

/** Trains and writes factors; none when als.factors is 0, or they are too many for one machine. */
async function findFactors(
  connection: DuckDBConnection,
  disliked: Reviewed["disliked"] | undefined,
  settings: Settings,
  { root, output }: { root: string; output: SimilarityOutput },
  hooks: Hooks,
): Promise<{
  metrics: Pick<SimilarityMetrics, "factors" | "userFactors" | "itemFactors">;
  warnings: string[];
}> {
  const knobs = alsKnobsOf(settings);
  if (knobs.factors === 0) return { metrics: {}, warnings: [] };
  const { userFactors, itemFactors } = output;
  const ratings = await readWeighted(connection, knobs);
  const why = tooLarge(ratings, knobs, threadsOf(settings.threads));
  if (why) return { metrics: {}, warnings: [`there are no personal recommendations: ${why}`] };
  const iteration = (k: number, loss: number) =>
    hooks.progress(0.7 + (0.2 * k) / knobs.iterations, iterationLine(k, knobs, loss));
  const { workspace, loss } = await train(ratings, knobs, settings.threads, { ...hooks, iteration });
  hooks.progress(0.92, "writing factors");
  const files = { users: join(root, userFactors, PART), items: join(root, itemFactors, PART) };
  await writeFactors(connection, { workspace, ...knobs, disliked }, files);
  const { factors, iterations } = knobs;
  const counts = { users: filledRows(ratings), items: usersPerItem(ratings).filter((n) => n > 0).length };
  const trained = { factors, iterations, loss, ...counts, entries: ratings.item.length };
  return { metrics: { userFactors, itemFactors, factors: trained }, warnings: [] };
}

/** The main table uses all events, so it is most of the work. */
function shareOfTable(k: number): [from: number, to: number] {
  if (k === 0) return [0.1, 0.5];
  const each = 0.1 / (TABLE_NAMES.length - 1);
  return [0.5 + (k - 1) * each, 0.5 + k * each];
}

async function makeTable(ratings: Ratings, knobs: Knobs, hooks: SimilarityHooks) {
  const isSampled = knobs.mode === "dimsum";
  // The effect of sampling is measured on the ratings afterwards.
  const found = await findNeighbours(ratings, knobs, { ...hooks, mayReuse: !isSampled });
  const { neighbours, entries, capped, kept, pairs } = found;
  const table = neighbourTable(neighbours);
  const counts = { entries, capped, kept, pairs, neighbours: table.item.length };
  const maker = makerOf(knobs.method);
  if (!isSampled) return { table, metrics: { ...counts, ...maker.counts?.(found.layout) } };
  const recallAtTop = maker.recallOfSample!(ratings, knobs, neighbours);
  return { table, metrics: { ...counts, recallAtTop } };
}
