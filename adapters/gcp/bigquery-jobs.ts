import type { JobLoadMetadata, Query } from "@google-cloud/bigquery";
import { bigQuery } from "./clients.ts";
import { asking, ifThere, reasonMayPass, statusOf } from "./failures.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";

export type BigQueryClient = Awaited<ReturnType<typeof bigQuery>>;

/** The client for jobs, in the location of the GA4 export. */
export const openBigQuery = (settings: Settings) => bigQuery(settings, settings.location);

/** A job as one look at it shows it. */
export type JobLook =
  | { state: "missing" }
  | { state: "running" }
  | FinishedJob
  | { state: "failed"; reason: string; retry: boolean };

export interface FinishedJob {
  state: "done";
  /** ISO 8601, UTC. */
  createdAt: string;
  bytesBilled: number;
  exportedRows: number;
}

/** A query that runs as a job; the caller sets its limits and labels. */
export type JobQuery = Pick<Query, "query" | "params" | "types">;

/** Limits and labels of every job of an attempt. */
export interface JobLimits {
  labels: Record<string, string>;
  maximumBytesBilled: string;
  jobTimeoutMs: number;
}

/**
 * The limits from the settings; BigQuery itself ends a job that runs for longer than its stage may.
 */
export function limitsOf(settings: Settings, labels: Record<string, string>): JobLimits {
  const { maximumBytesBilled, stageLimitMinutes } = settings;
  return {
    labels,
    maximumBytesBilled: String(maximumBytesBilled),
    jobTimeoutMs: stageLimitMinutes * 60_000,
  };
}

const MAY_RUN =
  "the function's service account needs roles/bigquery.jobUser in the project, and must be able to read the dataset; `infra/deploy` sees to both. Is `location` the dataset's? A view over another dataset must be authorised there (docs/EVENTS.md)";

/** The bytes that a query would be billed for. This is a dry run: it costs nothing. */
export async function estimateBytes(client: BigQueryClient, query: JobQuery, what: string): Promise<number> {
  const job = await asking(`Estimating ${what}`, MAY_RUN, () =>
    client.createQueryJob({ ...query, dryRun: true }),
  );
  return billed(Number(job[0].metadata.statistics.totalBytesProcessed));
}

/** BigQuery bills whole mebibytes, and at least ten for each table. */
const billed = (bytes: number) => Math.max(10, Math.ceil(bytes / 2 ** 20)) * 2 ** 20;

/**
 * @param otherwise what else a person can do, beside raising the limit
 * @throws Problem when BigQuery would bill more bytes than the limit.
 */
export function refuseIfDear(
  estimate: number,
  { maximumBytesBilled: limit }: Pick<Settings, "maximumBytesBilled">,
  doing: string,
  otherwise: string,
): void {
  if (estimate <= limit) return;
  const count = (bytes: number) => `${bytes.toLocaleString("en")} bytes`;
  const why = `BigQuery would bill ${count(estimate)}, and the limit is ${count(limit)}; nothing was started`;
  throw new Problem({ doing, why, next: `set maximumBytesBilled to ${estimate} or more, or ${otherwise}` });
}

/** Starts a query under an id. A job that has this id already counts as started. */
export function startQuery(
  client: BigQueryClient,
  id: string,
  query: JobQuery,
  limits: JobLimits,
  what: string,
): Promise<void> {
  return once(what, () => client.createQueryJob({ ...query, ...limits, jobId: id }));
}

/** Starts the loading of files into a table. A job that has this id already counts as started. */
export function startLoad(
  client: BigQueryClient,
  id: string,
  load: JobLoadMetadata,
  { labels, jobTimeoutMs }: Omit<JobLimits, "maximumBytesBilled">,
  what: string,
): Promise<void> {
  const configuration = { load, labels, jobTimeoutMs: String(jobTimeoutMs) };
  return once(what, () => client.createJob({ jobId: id, configuration }));
}

async function once(what: string, create: () => Promise<unknown>): Promise<void> {
  await asking(`Starting ${what}`, MAY_RUN, async () => {
    try {
      await create();
    } catch (error) {
      // The client also throws when a job was made and has failed already: the next look learns
      // why.
      const made = (error as { response?: { status?: { state?: string } } }).response?.status?.state;
      if (statusOf(error) !== "ALREADY_EXISTS" && made === undefined) throw error;
    }
  });
}

export async function lookAtJob(client: BigQueryClient, id: string, what: string): Promise<JobLook> {
  const doing = `Looking at ${what} (job ${id})`;
  const found = await asking(doing, MAY_RUN, () => ifThere(() => client.job(id).getMetadata()));
  if (!found) return { state: "missing" };
  const { status, statistics } = found[0];
  if (status.state !== "DONE") return { state: "running" };
  if (status.errorResult) return failure(status.errorResult, id, what);
  return {
    state: "done",
    createdAt: new Date(Number(statistics.creationTime)).toISOString(),
    bytesBilled: Number(statistics.query?.totalBytesBilled ?? 0),
    exportedRows: Number(statistics.query?.exportDataStatistics?.rowCount ?? 0),
  };
}

/** The same, for a job that must exist. */
export async function lookAtStarted(client: BigQueryClient, id: string, what: string) {
  const look = await lookAtJob(client, id, what);
  if (look.state !== "missing") return look;
  const reason = `${what}: BigQuery does not know the job ${id}\n  Next: nothing: it is tried again`;
  return { state: "failed", reason, retry: true } as const;
}

/** The rows of a finished query. */
export async function rowsOf<Row>(client: BigQueryClient, id: string, what: string): Promise<Row[]> {
  const [rows] = await asking(`Reading ${what}`, MAY_RUN, () => client.job(id).getQueryResults());
  return rows as Row[];
}

/** Rows, and what BigQuery bills for them. */
export interface Asked<Row> {
  rows: Row[];
  bytesBilled: number;
}

/** Runs a small query and waits for its rows. Above the limit it fails, and costs nothing. */
export async function askRows<Row>(
  client: BigQueryClient,
  query: JobQuery,
  maximumBytesBilled: number,
  what: string,
): Promise<Asked<Row>> {
  const limited = { ...query, maximumBytesBilled: String(maximumBytesBilled) };
  return asking(`Reading ${what}`, MAY_RUN, async () => {
    const [job] = await client.createQueryJob(limited);
    const [rows] = await job.getQueryResults();
    const [{ statistics }] = await job.getMetadata();
    return { rows: rows as Row[], bytesBilled: Number(statistics.query?.totalBytesBilled ?? 0) };
  });
}

/** Asks for a job to stop. A job that does not exist, or has ended, is no error. */
export async function cancelJob(client: BigQueryClient, id: string, what: string): Promise<void> {
  await asking(`Cancelling ${what} (job ${id})`, MAY_RUN, () => ifThere(() => client.job(id).cancel()));
}

function failure(
  { reason, message }: { reason?: string; message?: string },
  id: string,
  what: string,
): JobLook {
  const next = NEXT[reason ?? ""] ?? "look at the job in the console; then run the stage again";
  const why = `${what} failed (BigQuery job ${id}, ${reason}): ${(message ?? "").split("\n")[0]}`;
  return { state: "failed", reason: `${why}\n  Next: ${next}`, retry: reasonMayPass(reason) };
}

const NEXT: Record<string, string> = {
  bytesBilledLimitExceeded: "raise maximumBytesBilled, or set days to fewer",
  accessDenied: MAY_RUN,
  billingNotEnabled: "enable billing for the project",
  quotaExceeded: "wait until the quota is renewed, or ask for a higher one; then run the stage again",
  resourcesExceeded: "set days or cap to fewer, or engine to dataproc",
  stopped: "somebody cancelled the job; run the stage again",
  backendError: "nothing: it is tried again",
  internalError: "nothing: it is tried again",
};
