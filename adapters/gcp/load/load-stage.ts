import { fillsDatastore } from "../../../contracts/settings/cloud.ts";
import { SimilarityMetrics, type LoadMetrics } from "../../../contracts/metrics.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { Objects } from "../../../night/state/objects.ts";
import {
  metricsOf,
  type Operation,
  type Stage,
  type StageContext,
  type StageState,
} from "../../../night/run/stage.ts";
import { feedWarnings } from "../../../night/run/feed-warnings.ts";
import { listsAhead } from "../../local/load/lists-ahead.ts";
import { attemptName } from "../attempt.ts";
import { openJobs, type Jobs } from "./dataflow.ts";
import { lastWords } from "../last-words.ts";
import { cleanJob, deadLetters, loadJob } from "./load-job.ts";
import { buildModelInBucket } from "./model-in-bucket.ts";

type Failed = Extract<StageState, { state: "failed" }>;
type Datastore = NonNullable<LoadMetrics["datastore"]>;

/** The jobs of an attempt, by id; none when only the snapshot is wanted. */
interface Launched {
  load?: string;
  clean?: string;
  /** The reason why a clean-up is missing. */
  noClean?: string;
}

/**
 * The load stage on Google Cloud. One Dataflow job fills Datastore; another beside it deletes old
 * models there. Then one look builds the snapshot.
 */
export function loadStage(objects: Objects): Stage {
  return {
    name: "load",

    async start(context): Promise<Operation> {
      if (!fillsDatastore(context.settings)) return {};
      const jobs = await openJobs(context.settings);
      const load = await jobs.launch(attemptName(context, "load"), await loadJob(objects, context));
      return { load, ...(await launchClean(jobs, objects, context)) };
    },

    async poll(context, operation) {
      const { load, clean, noClean } = operation as Launched;
      if (!load) return { state: "done", ...(await finish(objects, context)) };
      const jobs = await openJobs(context.settings);
      const filled = await lookAtLoad(jobs, load, context);
      if ("state" in filled) return filled;
      const cleaned = await lookAtClean(jobs, clean, noClean, context);
      if (cleaned === "running") return { state: "running", progress: 0.8, message: "deleting old models" };
      const { warning, ...deleted } = cleaned;
      const { metrics, warnings } = await finish(objects, context);
      return {
        state: "done",
        metrics: { ...metrics, datastore: { ...filled, ...deleted } },
        warnings: [...warnings, ...(warning ? [warning] : [])],
      };
    },

    async cancel({ settings }, operation) {
      const { load, clean } = operation as Launched;
      const launched = [load, clean].filter((id) => id !== undefined);
      if (launched.length === 0) return;
      const jobs = await openJobs(settings);
      for (const id of launched) await jobs.cancel(id);
    },
  };
}

/** Builds the model's files, and computes lists ahead: the work of one look. */
async function finish(
  objects: Objects,
  context: StageContext,
): Promise<{ metrics: LoadMetrics; warnings: string[] }> {
  const { files, warnings } = await buildModelInBucket(objects, context);
  const openWriter = async () =>
    (await import("../personal/writer.ts")).openDatastoreWriter(context.settings);
  const hooks = { progress: () => {}, signal: new AbortController().signal };
  const ahead = await listsAhead({ context, objects, files, openWriter }, hooks);
  const { catalogue, items } = files.loaded;
  return {
    metrics: { ...files.loaded, ...ahead.metrics },
    warnings: [
      ...warnings,
      ...feedWarnings(catalogue, items),
      ...(catalogue && context.settings.store === "datastore" ? [NOT_IN_DATASTORE] : []),
      ...ahead.warnings,
    ],
  };
}

/** Entities are made of what the similarity stage wrote. */
const NOT_IN_DATASTORE =
  "The recommender's store is datastore: it answers with what events say of items, and of the catalogue knows pushes alone (docs/CATALOGUE.md). The snapshot has all of it.";

/** Starts the clean-up. Its failure does not stop the night: the next night cleans up instead. */
async function launchClean(
  jobs: Jobs,
  objects: Objects,
  context: StageContext,
): Promise<Pick<Launched, "clean" | "noClean">> {
  try {
    const job = await cleanJob(objects, context, new Date());
    return job ? { clean: await jobs.launch(attemptName(context, "clean"), job) } : {};
  } catch (error) {
    return { noClean: (error as Error).message };
  }
}

async function lookAtLoad(
  jobs: Jobs,
  id: string,
  context: StageContext,
): Promise<Exclude<StageState, { state: "done" }> | Datastore> {
  const { state, ended } = await jobs.look(id);
  const { items } = metricsOf(context.manifest, "similarity", SimilarityMetrics);
  // One more than the items: the model has an entity of its own.
  const expected = items + 1;
  if (ended && state !== "DONE") return jobFailed(id, state, await jobs.errors(id));
  const { entities = 0, rejected = 0 } = await jobs.counters(id);
  if (!ended) {
    const progress = 0.8 * Math.min(1, entities / expected);
    return { state: "running", progress, message: `Dataflow: ${state.toLowerCase()}` };
  }
  if (rejected > items * context.settings.rejectLimit) return tooManyRejected(rejected, items, context);
  if (entities + rejected < expected) return tooFewWritten(id, entities + rejected, expected);
  return { entities, rejected, deadLetters: rejected > 0 ? deadLetters(context) : null };
}

async function lookAtClean(
  jobs: Jobs,
  id: string | undefined,
  noClean: string | undefined,
  { manifest, settings }: StageContext,
): Promise<"running" | { deleted?: number; warning?: string }> {
  if (!id) return noClean === undefined ? {} : uncleaned(noClean);
  try {
    const { state, ended } = await jobs.look(id);
    if (state === "DONE") return { deleted: (await jobs.counters(id))["deleted"] ?? 0 };
    if (ended) return uncleaned(jobFailed(id, state, await jobs.errors(id)).reason);
    const since = Date.now() - Date.parse(manifest.stages.load.startedAt ?? manifest.startedAt);
    if (since < (settings.stageLimitMinutes * 60_000) / 2) return "running";
    await jobs.cancel(id);
    return uncleaned(`Dataflow job ${id} was still running, and is cancelled`);
  } catch (error) {
    if (error instanceof Problem) return uncleaned(error.message);
    throw error;
  }
}

const uncleaned = (why: string) => ({
  warning: `Old models were not deleted from Datastore; the next night tries again. ${why}`,
});

function jobFailed(id: string, state: string, errors: string): Failed {
  const said = lastWords(errors);
  const why = said?.why ?? (errors.trim().split("\n").at(-1) || `it is ${state.toLowerCase()}`);
  const next = said?.next ?? "look at the job in Dataflow's console, and run the stage again";
  const reason = new Problem({ doing: `Running the Dataflow job ${id}`, why, next }).message;
  // Our own Problems and a person's cancelling would repeat themselves. A lack of machines, or of
  // quota, may pass.
  return { state: "failed", reason, retry: state === "FAILED" && !said?.next };
}

function tooManyRejected(rejected: number, items: number, context: StageContext): Failed {
  const { rejectLimit } = context.settings;
  const share = `${rejected} rows of ${items} items were rejected, more than rejectLimit (${rejectLimit}) allows`;
  const next = `read why in ${deadLetters(context)}*; what the similarity stage wrote is wrong`;
  const doing = `Loading model ${context.manifest.run} into Datastore`;
  return { state: "failed", reason: new Problem({ doing, why: share, next }).message, retry: false };
}

function tooFewWritten(id: string, counted: number, expected: number): Failed {
  const why = `it ended well, but has counted ${counted} entities of ${expected}`;
  const next = "look at the job in Dataflow's console, and run the stage again";
  return {
    state: "failed",
    reason: new Problem({ doing: `Running the Dataflow job ${id}`, why, next }).message,
    retry: true,
  };
}
