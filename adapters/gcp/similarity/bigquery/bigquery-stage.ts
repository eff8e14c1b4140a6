import { ExportMetrics } from "../../../../contracts/metrics.ts";
import { Problem } from "../../../../contracts/problem.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { knobsOfAll, lackedByBigQuery } from "../../../../contracts/settings/similarity.ts";
import { inertWeights } from "../../../../night/run/inert-weights.ts";
import { peopleWarnings } from "../../../../night/run/people-warnings.ts";
import { scopeWarnings } from "../../../../night/run/scope-warnings.ts";
import type { Objects } from "../../../../night/state/objects.ts";
import { metricsOf, type Stage, type StageContext, type StageState } from "../../../../night/run/stage.ts";
import * as jobs from "../../bigquery-jobs.ts";
import { attemptOf, called, idOf, type Attempt, type Job } from "./attempt.ts";
import { readMetrics, readPeople, readScopes, refusalBefore } from "./read-counts.ts";
import { deleteTables, startLoading, startLoadingReviews } from "./scratch-tables.ts";

/**
 * The similarity stage in BigQuery alone, without a cluster. It is exact only, and has not got the
 * method ridge.
 * It loads the pinned exports into tables of the attempt, queries them, writes the results to the
 * bucket, and deletes the tables. Each look starts the first step that has not started yet.
 */
export function bigQueryStage(objects: Objects): Stage {
  return {
    name: "similarity",

    async start(context) {
      refuseLacked(context);
      const client = await jobs.openBigQuery(context.settings);
      const attempt = attemptOf(context);
      const { tables, limits } = attempt;
      const id = idOf(attempt, { name: "load" });
      await startLoading(client, objects, context, {
        id,
        table: tables.pinned,
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
      const refusal = await refusalBefore(step[0], client, attempt, context);
      if (refusal) return { state: "failed", reason: refusal.message, retry: false };
      for (const job of missing)
        await jobs.startQuery(client, idOf(attempt, job), job.query!, attempt.limits, called(job));
    }
    if (looks.some((look) => look.state !== "done"))
      return { state: "running", progress: k / attempt.steps.length, message: step[0].name };
    bytesBilled += looks.reduce((sum, look) => sum + (look.state === "done" ? look.bytesBilled : 0), 0);
  }
  const { settings } = context;
  const people = await readPeople(client, attempt);
  const scopes = await readScopes(client, attempt, settings);
  const knobs = knobsOfAll(settings);
  const metrics = { ...(await readMetrics(client, attempt)), people, ...scopes, knobs, bytesBilled };
  const warnings = [
    ...inertWeights(settings),
    ...peopleWarnings(people, settings),
    ...scopeWarnings(scopes.scopes, settings),
    ...missingFactors(settings),
  ];
  return { state: "done", metrics, warnings };
}

function refuseLacked({ manifest, settings }: StageContext): void {
  const [lacked] = Object.values(knobsOfAll(settings)).flatMap((knobs) => lackedByBigQuery(knobs) ?? []);
  if (lacked) throw new Problem({ doing: `Starting the similarities of ${manifest.run}`, ...lacked });
}

/** A warning for personal recommendations that are asked for, and cannot be computed here. */
function missingFactors(settings: Settings): string[] {
  if (settings["als.factors"] === 0) return [];
  return [
    "there are no personal recommendations: the BigQuery engine computes no factors. Set engine to dataproc, or als.factors to 0.",
  ];
}
