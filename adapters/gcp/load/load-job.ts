import type { protos } from "@google-cloud/dataflow";
import { accountEmail } from "../../../contracts/google-names.ts";
import type { LoadParameters } from "../../../contracts/jobs.ts";
import { jobFiles, paths, ROW_FILES } from "../../../contracts/layout.ts";
import { SimilarityMetrics } from "../../../contracts/metrics.ts";
import { perTable } from "../../../contracts/tables.ts";
import { Problem } from "../../../contracts/problem.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { modelFolders, pointedAt, readPointer } from "../../../night/state/pointer.ts";
import { metricsOf, type StageContext } from "../../../night/run/stage.ts";
import { attemptLabels } from "../attempt.ts";
import { projectOf } from "../clients.ts";

type LaunchParameter = protos.google.dataflow.v1beta3.ILaunchFlexTemplateParameter;

/**
 * The age alarm comes long before. Datastore's TTL policy deletes what no clean-up has deleted by
 * then.
 */
const EXPIRES_AFTER_DAYS = 90;

/** Path prefix of the files of rejected rows. */
export const deadLetters = ({ manifest: { shop, run }, settings, attempt }: StageContext) =>
  `${settings.data}/${paths.load(shop, run, attempt).rejects}`;

/** The job that writes the model's entities. */
export async function loadJob(objects: Objects, context: StageContext): Promise<LaunchParameter> {
  const { manifest, settings } = context;
  const { neighbours, catalogue } = metricsOf(manifest, "similarity", SimilarityMetrics);
  const expireAt = new Date(Date.parse(manifest.startedAt) + EXPIRES_AFTER_DAYS * 86_400_000);
  return launchParameter(objects, context, {
    ...common(context, "load"),
    neighbours: `${settings.data}/${neighbours}${ROW_FILES.parquet}`,
    catalogue: `${settings.data}/${catalogue}${ROW_FILES.parquet}`,
    deadLetters: deadLetters(context),
    tables: JSON.stringify(perTable((_, { properties }) => properties)),
    expireAt: expireAt.toISOString(),
  });
}

/**
 * The job that deletes the entities of models that nothing needs any more; undefined before the
 * first model. It keeps the models in the bucket (the bucket's pruning gives a day's grace), the
 * model that the pointer names, and this run's.
 */
export async function cleanJob(
  objects: Objects,
  context: StageContext,
  now: Date,
): Promise<LaunchParameter | undefined> {
  const { shop, run } = context.manifest;
  const pointer = await readPointer(objects, shop);
  if (!pointer) return undefined;
  const keep = new Set([...(await modelFolders(objects, shop)), ...pointedAt(pointer.value, now), run]);
  return launchParameter(objects, context, { ...common(context, "clean"), keep: [...keep].join(",") });
}

function common({ manifest, settings }: StageContext, mode: LoadParameters["mode"]): LoadParameters {
  const { shop, run } = manifest;
  // Each vCPU of a worker is a process that writes.
  const writers = settings.loadWorkers * vCPUs(settings.loadMachine);
  return { mode, shop, model: run, workers: String(writers) };
}

/** The vCPUs of a machine type, from its name. A small type (e2-medium) has two half ones. */
const vCPUs = (machine: string) => Number(/-(?:[a-z]+-)?(\d+)/.exec(machine)?.[1] ?? 2);

async function launchParameter(
  objects: Objects,
  { manifest, settings }: StageContext,
  parameters: LoadParameters,
): Promise<LaunchParameter> {
  const { data, loadMachine: machineType, loadWorkers, subnetwork } = settings;
  return {
    containerSpecGcsPath: `${data}/${jobFiles.loadTemplate}`,
    // One image serves launcher and workers.
    parameters: { ...parameters, sdk_container_image: await imageOf(objects, jobFiles.loadTemplate) },
    environment: {
      numWorkers: loadWorkers,
      maxWorkers: loadWorkers,
      machineType,
      // Dataflow accepts a short path only for the project's own network.
      ...(subnetwork ? { subnetwork: `https://www.googleapis.com/compute/v1/${subnetwork}` } : {}),
      ipConfiguration: "WORKER_IP_PRIVATE",
      serviceAccountEmail: accountEmail("dataflow", projectOf(settings)),
      additionalUserLabels: attemptLabels(manifest, "load"),
      tempLocation: `${data}/${jobFiles.dataflowTemporary}`,
      stagingLocation: `${data}/${jobFiles.dataflowStaging}`,
    },
  };
}

async function imageOf(objects: Objects, template: string): Promise<string> {
  const stored = await objects.get(template);
  const spec = stored && (JSON.parse(new TextDecoder().decode(stored.data)) as { image?: string });
  if (spec?.image) return spec.image;
  const why = stored ? "it names no image" : "it is not in the bucket";
  throw new Problem({ doing: `Reading ${template}`, why, next: "`infra/deploy` builds it: run it again" });
}
