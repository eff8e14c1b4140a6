import type { CloudTasksClient, v2beta3 as Beta } from "@google-cloud/tasks";
import { Problem } from "../../contracts/problem.ts";
import type { GoogleService } from "../../contracts/settings/cloud.ts";
import type { Settings } from "../../contracts/settings/settings.ts";

/** The settings that locate a shop on Google Cloud. */
export type Place = Pick<Settings, "project" | "region" | "endpoints">;

/**
 * The Google Cloud project.
 * @throws Problem when it is not set.
 */
export function projectOf({ project }: Pick<Settings, "project">): string {
  if (project) return project;
  const next = "set it in the settings file, by --project or by STEAMER_PROJECT";
  throw new Problem({ doing: "Working on Google Cloud", why: "no project is named", next });
}

/**
 * For clients that are kept for long. After an outage gRPC would wait up to two minutes between two
 * attempts to connect. It would not notice a connection that has died without a word.
 */
const KEPT = {
  "grpc.max_reconnect_backoff_ms": 2_000,
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 5_000,
};

/** The official BigQuery client. */
export async function bigQuery(place: Place, location: string) {
  const { BigQuery } = await import("@google-cloud/bigquery");
  return new BigQuery({ projectId: projectOf(place), location, ...restEndpoint(place, "bigquery") });
}

/**
 * The official Cloud Storage client.
 * A client that reads streams must not retry by itself. Its second attempt rejects a promise that
 * nothing handles (teeny-request pipes into a closed stream), which ends the process.
 */
export async function storage(place: Place, { autoRetry = true } = {}) {
  const { IdempotencyStrategy, Storage } = await import("@google-cloud/storage");
  return new Storage({
    ...(place.project ? { projectId: place.project } : {}),
    // Every call of ours is safe to repeat: see storage.ts.
    retryOptions: { autoRetry, idempotencyStrategy: IdempotencyStrategy.RetryAlways },
    ...restEndpoint(place, "storage"),
  });
}

/** The official Datastore client of a database (default: the one without a name). */
export async function datastore(place: Place, options: { namespace?: string; databaseId?: string } = {}) {
  const { Datastore } = await import("@google-cloud/datastore");
  const address = place.endpoints.datastore;
  const endpoint = address ? { apiEndpoint: address } : {};
  return new Datastore({ projectId: projectOf(place), ...KEPT, ...endpoint, ...options });
}

/** The official Cloud Tasks client. */
export const cloudTasks = (place: Place): Promise<CloudTasksClient> =>
  kept("tasks", place, async () => {
    const { CloudTasksClient } = await import("@google-cloud/tasks");
    return new CloudTasksClient(await grpcOptions(place, "tasks"));
  });

/** The same of version v2beta3, which alone tells how long a queue is. */
export async function cloudTasksStats(place: Place): Promise<InstanceType<typeof Beta.CloudTasksClient>> {
  const { v2beta3 } = await import("@google-cloud/tasks");
  return new v2beta3.CloudTasksClient(await grpcOptions(place, "tasks"));
}

/** Dataproc's regional clients: for clusters, and for workflows and their operations. */
export const dataproc = (place: Place) =>
  kept("dataproc", place, async () => {
    const { WorkflowTemplateServiceClient, ClusterControllerClient } = (
      await import("@google-cloud/dataproc")
    ).v1;
    const regional = { apiEndpoint: `${place.region}-dataproc.googleapis.com` };
    const options = { ...regional, ...(await grpcOptions(place, "dataproc")) };
    return {
      workflows: new WorkflowTemplateServiceClient(options),
      clusters: new ClusterControllerClient(options),
    };
  });

/** Dataflow's clients: to launch templates, look at jobs, and read their counters and errors. */
export const dataflow = (place: Place) =>
  kept("dataflow", place, async () => {
    const { FlexTemplatesServiceClient, JobsV1Beta3Client, MetricsV1Beta3Client, MessagesV1Beta3Client } = (
      await import("@google-cloud/dataflow")
    ).v1beta3;
    const options = await grpcOptions(place, "dataflow");
    return {
      templates: new FlexTemplatesServiceClient(options),
      jobs: new JobsV1Beta3Client(options),
      metrics: new MetricsV1Beta3Client(options),
      messages: new MessagesV1Beta3Client(options),
    };
  });

const opened = new Map<string, unknown>();

/** gRPC channels are costly to open and stay open, so all looks of a process share them. */
function kept<T>(service: GoogleService, place: Place, open: () => Promise<T>): Promise<T> {
  const key = JSON.stringify([service, place.project, place.region, place.endpoints[service]]);
  if (!opened.has(key)) opened.set(key, open());
  return opened.get(key) as Promise<T>;
}

function restEndpoint({ endpoints }: Place, service: GoogleService) {
  const url = endpoints[service];
  return url ? { apiEndpoint: url } : {};
}

/** A stand-in's `host:port` speaks plain text. */
async function grpcOptions(place: Place, service: GoogleService) {
  const address = place.endpoints[service];
  const projectId = projectOf(place);
  if (!address) return { ...KEPT, projectId };
  const { grpc } = await import("google-gax");
  const [host, port] = address.split(":");
  const sslCreds = grpc.credentials.createInsecure();
  return { ...KEPT, projectId, apiEndpoint: host, port: Number(port), sslCreds };
}
