import { scopeBoundsOf } from "../../../../contracts/jobs.ts";
import { paths, type SimilarityOutput } from "../../../../contracts/layout.ts";
import { ExportMetrics, type ScopeMetrics, type SimilarityMetrics } from "../../../../contracts/metrics.ts";
import { Problem } from "../../../../contracts/problem.ts";
import { haveScopes } from "../../../../contracts/settings/events.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { knobsOf } from "../../../../contracts/settings/similarity.ts";
import { TABLE_NAMES } from "../../../../contracts/tables.ts";
import { inertWeights } from "../../../../night/run/inert-weights.ts";
import { scopeWarnings } from "../../../../night/run/scope-warnings.ts";
import type { Objects } from "../../../../night/state/objects.ts";
import { metricsOf, type Stage, type StageContext, type StageState } from "../../../../night/run/stage.ts";
import { attemptLabels, attemptName } from "../../attempt.ts";
import * as jobs from "../../bigquery-jobs.ts";
import { exportTo } from "../../export/export-query.ts";
import * as queries from "./queries.ts";
import { reviewedQuery } from "./review-queries.ts";
import { deleteTables, startLoading, startLoadingReviews, tablesOf } from "./scratch-tables.ts";
import type { Tables } from "./tables.ts";

/** A job of an attempt. Those without a query load files, and start with the attempt. */
interface Job {
  name:
    | "load"
    | "load-reviews"
    | "reviewed"
    | "entries"
    | "counts"
    | "neighbours"
    | "write-neighbours"
    | "write-catalogue"
    | "count-neighbours"
    | "write-scopes"
    | "count-scopes";
  query?: jobs.JobQuery;
}

/** An attempt as a whole. All of it follows from the run, so any process can continue it. */
interface Attempt {
  name: string;
  tables: Tables;
  output: SimilarityOutput;
  /** Steps in order; the jobs of a step run at the same time. */
  steps: Job[][];
  limits: jobs.JobLimits;
}

function attemptOf(context: StageContext): Attempt {
  const { manifest, settings, attempt } = context;
  const name = attemptName(context, "similarity");
  const tables = tablesOf(context, name);
  const output = paths.similarity(manifest.shop, manifest.run, attempt);
  const write = (folder: string, query: jobs.JobQuery) =>
    exportTo(`${settings.data}/${folder}`, "parquet", query);
  const bounds = scopeBoundsOf(settings);
  const scopes: Job[] = bounds
    ? [
        { name: "write-scopes", query: write(output.scopeItems, queries.scopesQuery(tables, bounds)) },
        { name: "count-scopes", query: queries.countScopes(tables, bounds) },
      ]
    : [];
  const steps: Job[][] = [
    ...(tables.reviews === undefined
      ? [[{ name: "load" } as const]]
      : [
          [{ name: "load" } as const, { name: "load-reviews" } as const],
          [{ name: "reviewed" as const, query: reviewedQuery(tables, settings) }],
        ]),
    [{ name: "entries", query: queries.entriesQuery(tables, settings) }],
    [{ name: "counts", query: queries.countsQuery(tables) }],
    [{ name: "neighbours", query: queries.neighboursQuery(tables, settings) }],
    [
      { name: "write-neighbours", query: write(output.neighbours, queries.readNeighbours(tables)) },
      { name: "write-catalogue", query: write(output.catalogue, queries.catalogueQuery(tables)) },
      { name: "count-neighbours", query: queries.countNeighbours(tables) },
      ...scopes,
    ],
  ];
  return {
    name,
    tables,
    output,
    steps,
    limits: jobs.limitsOf(settings, attemptLabels(manifest, "similarity")),
  };
}

const idOf = (attempt: Attempt, { name }: Job) => `${attempt.name}-${name}`;
const called = ({ name }: Job) => `the similarities' step ${name}`;

/**
 * The similarity stage in BigQuery alone, without a cluster. It is exact only.
 * It loads the pinned exports into tables of the attempt, queries them, writes the results to the
 * bucket, and deletes the tables. Each look starts the first step that has not started yet.
 */
export function bigQueryStage(objects: Objects): Stage {
  return {
    name: "similarity",

    async start(context) {
      refuseSampling(context);
      const client = await jobs.openBigQuery(context.settings);
      const attempt = attemptOf(context);
      const { tables, limits } = attempt;
      const id = idOf(attempt, { name: "load" });
      await startLoading(client, objects, context, {
        id,
        table: tables.events ?? tables.interactions,
        limits,
      });
      const { reviews } = metricsOf(context.manifest, "export", ExportMetrics);
      if (reviews) {
        const load = { id: idOf(attempt, { name: "load-reviews" }), table: tables.reviews!, limits };
        await startLoadingReviews(client, context, reviews.folder, load);
      }
      return { jobs: attempt.name };
    },

    async poll(context) {
      const client = await jobs.openBigQuery(context.settings);
      const attempt = attemptOf(context);
      const state = await lookAtSteps(client, attempt, context);
      if (state.state !== "running") await deleteTables(client, attempt.tables);
      return state;
    },

    async cancel(context) {
      const client = await jobs.openBigQuery(context.settings);
      const attempt = attemptOf(context);
      for (const job of attempt.steps.flat()) await jobs.cancelJob(client, idOf(attempt, job), called(job));
      await deleteTables(client, attempt.tables);
    },
  };
}

async function lookAtSteps(
  client: jobs.BigQueryClient,
  attempt: Attempt,
  context: StageContext,
): Promise<StageState> {
  let bytesBilled = 0;
  for (const [k, step] of attempt.steps.entries()) {
    const look = (job: Job) =>
      (job.query ? jobs.lookAtJob : jobs.lookAtStarted)(client, idOf(attempt, job), called(job));
    const looks = await Promise.all(step.map(look));
    const failed = looks.find((look) => look.state === "failed");
    if (failed) return failed;
    const missing = step.filter((_, at) => looks[at].state === "missing");
    if (missing.length > 0) {
      const refusal = step[0].name === "neighbours" && (await tooManyPairs(client, attempt, context));
      if (refusal) return { state: "failed", reason: refusal.message, retry: false };
      for (const job of missing)
        await jobs.startQuery(client, idOf(attempt, job), job.query!, attempt.limits, called(job));
    }
    if (looks.some((look) => look.state !== "done"))
      return { state: "running", progress: k / attempt.steps.length, message: step[0].name };
    bytesBilled += looks.reduce((sum, look) => sum + (look.state === "done" ? look.bytesBilled : 0), 0);
  }
  const { settings } = context;
  const scopes = await readScopes(client, attempt, settings);
  const metrics = { ...(await readMetrics(client, attempt)), ...scopes, bytesBilled };
  const warnings = [
    ...inertWeights(settings),
    ...scopeWarnings(scopes.scopes, settings),
    ...missingFactors(settings),
  ];
  return { state: "done", metrics, warnings };
}

function refuseSampling({ manifest, settings }: StageContext): void {
  if (TABLE_NAMES.every((table) => knobsOf(settings, table).mode === "exact")) return;
  const why = "the BigQuery engine is exact only, and mode is dimsum";
  const next = "set mode to exact, or engine to dataproc";
  throw new Problem({ doing: `Starting the similarities of ${manifest.run}`, why, next });
}

/** A warning for personal recommendations that are asked for, and cannot be computed here. */
function missingFactors(settings: Settings): string[] {
  if (settings["als.factors"] === 0) return [];
  return [
    "there are no personal recommendations: the BigQuery engine computes no factors. Set engine to dataproc, or als.factors to 0.",
  ];
}

/** The number of pairs decides the cost of the neighbours. Counting pairs is cheap. */
async function tooManyPairs(
  client: jobs.BigQueryClient,
  attempt: Attempt,
  { manifest, settings }: StageContext,
): Promise<Problem | undefined> {
  const { scenarios } = await readCounts(client, attempt);
  const pairs = scenarios.reduce((sum, scenario) => sum + scenario.pairs, 0);
  if (pairs <= settings.maxPairs) return undefined;
  const count = (number: number) => number.toLocaleString("en");
  const why = `it would add up ${count(pairs)} pairs of items, and the limit (maxPairs) is ${count(settings.maxPairs)}`;
  const next = "set engine to dataproc, cap or days to fewer, or maxPairs to more";
  return new Problem({ doing: `Computing the similarities of ${manifest.run} in BigQuery`, why, next });
}

/** Counts as numbers: BigQuery may send sums as text. */
async function readCounts(client: jobs.BigQueryClient, attempt: Attempt) {
  const id = idOf(attempt, { name: "counts" });
  const [{ items, users, scenarios }] = await jobs.rowsOf<queries.Counts>(client, id, "the number of pairs");
  const counted = scenarios.map(({ scenario, entries, capped, pairs }) => {
    return { scenario, entries: Number(entries), capped: Number(capped), pairs: Number(pairs) };
  });
  return { items, users, scenarios: counted };
}

async function readMetrics(client: jobs.BigQueryClient, attempt: Attempt): Promise<SimilarityMetrics> {
  const { items, users, scenarios } = await readCounts(client, attempt);
  const id = idOf(attempt, { name: "count-neighbours" });
  const found = await jobs.rowsOf<queries.NeighbourCount>(client, id, "the number of neighbours");
  const metrics = TABLE_NAMES.map((name) => {
    const counts = scenarios.find(({ scenario }) => scenario === name);
    const { entries, capped, pairs } = counts ?? { entries: 0, capped: 0, pairs: 0 };
    const neighbours = Number(found.find(({ scenario }) => scenario === name)?.neighbours ?? 0);
    return [name, { entries, capped, kept: capped, pairs, neighbours }];
  });
  const { neighbours, catalogue } = attempt.output;
  return { neighbours, catalogue, items, users, scenarios: Object.fromEntries(metrics) };
}

async function readScopes(
  client: jobs.BigQueryClient,
  attempt: Attempt,
  settings: Settings,
): Promise<Pick<SimilarityMetrics, "scopes" | "scopeItems">> {
  if (!haveScopes(settings)) return {};
  const id = idOf(attempt, { name: "count-scopes" });
  const [counts] = await jobs.rowsOf<ScopeMetrics>(client, id, "the number of scopes");
  const { scopeItems } = attempt.output;
  return { scopes: counts, ...(counts.listed > 0 ? { scopeItems } : {}) };
}
