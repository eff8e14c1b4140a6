import * as jobs from "../bigquery-jobs.ts";
import { inParallel } from "../in-parallel.ts";

/** A day has two jobs: `job` writes its interactions, the other counts the rows that are none. */
export interface DayJobs {
  day: string;
  /** The id of the first. */
  job: string;
}

export interface DayQueries {
  interactions: jobs.JobQuery;
  rejects: jobs.JobQuery;
}

const exportOf = (day: string) => `the export of ${day}`;
const countOf = (day: string) => `the count of ${day}'s rejected rows`;
const countingJob = (job: string) => `${job}-rejects`;

/** The bytes that both would be billed for. */
export async function estimateDay(client: jobs.BigQueryClient, day: string, queries: DayQueries) {
  const interactions = await jobs.estimateBytes(client, queries.interactions, exportOf(day));
  return interactions + (await jobs.estimateBytes(client, queries.rejects, countOf(day)));
}

/** Starts both. `interactions` is an EXPORT DATA statement. */
export async function startDay(
  client: jobs.BigQueryClient,
  { day, job }: DayJobs,
  { interactions, rejects }: DayQueries,
  limits: jobs.JobLimits,
): Promise<void> {
  await jobs.startQuery(client, job, interactions, limits, exportOf(day));
  await jobs.startQuery(client, countingJob(job), rejects, limits, countOf(day));
}

/** Looks at both: as a job that bills for both, and that is done when both are. */
export async function lookAtDay(
  client: jobs.BigQueryClient,
  { day, job }: DayJobs,
): Promise<Exclude<jobs.JobLook, { state: "missing" }>> {
  const written = await jobs.lookAtStarted(client, job, exportOf(day));
  if (written.state !== "done") return written;
  const counted = await jobs.lookAtStarted(client, countingJob(job), countOf(day));
  if (counted.state !== "done") return counted;
  return { ...written, bytesBilled: written.bytesBilled + counted.bytesBilled };
}

/** The rejected rows of each of some days whose jobs are done, by reason. */
export function readRejected(
  client: jobs.BigQueryClient,
  days: DayJobs[],
): Promise<Record<string, number>[]> {
  return inParallel(days, async ({ day, job }) => {
    const counts = await jobs.rowsOf<Reasoned>(client, countingJob(job), countOf(day));
    return Object.fromEntries(counts.map(({ reason, rows }) => [reason, Number(rows)]));
  });
}

interface Reasoned {
  reason: string;
  rows: number;
}

export async function cancelDay(client: jobs.BigQueryClient, { day, job }: DayJobs): Promise<void> {
  await jobs.cancelJob(client, job, exportOf(day));
  await jobs.cancelJob(client, countingJob(job), countOf(day));
}
