import { randomUUID } from "node:crypto";
import { BigQueryRunner, failureOf, type ErrorProto, type JobResource, type Parts } from "./runner.ts";
import type { Query } from "./sql.ts";
import { Failure } from "../platform/faults.ts";
import { forward, json, type HttpAnswer, type HttpRequest } from "../platform/http.ts";

interface Job {
  resource: JobResource;
  finished: Promise<void>;
  stop: AbortController;
}

/**
 * Jobs as in production: RUNNING until they are done, each id once, priced beforehand, reading and
 * writing buckets.
 */
export class BigQueryJobs {
  readonly #parts: Parts;
  readonly #runner: BigQueryRunner;
  readonly #jobs = new Map<string, Job>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#runner = new BigQueryRunner(parts);
  }

  close(): void {
    for (const { stop } of this.#jobs.values()) stop.abort();
  }

  /** jobs.insert */
  async insert(request: HttpRequest): Promise<HttpAnswer> {
    const body = JSON.parse(request.body.toString()) as Pick<JobResource, "jobReference" | "configuration">;
    const { configuration } = body;
    const projectId = projectOf(request);
    const { query } = configuration;
    const located =
      body.jobReference?.location ?? (query && (await this.#parts.tables.locationOf(projectId, query)));
    const location = located ?? "US";
    const jobReference = { projectId, jobId: body.jobReference?.jobId ?? randomUUID(), location };
    if (configuration.dryRun) return this.#runner.dryRun(request, { configuration, jobReference });
    const { jobId } = jobReference;
    if (this.#jobs.has(jobId))
      throw new Failure("ALREADY_EXISTS", `Already Exists: Job ${projectId}:${location}.${jobId}`);
    const resource: JobResource = {
      jobReference,
      configuration,
      status: { state: "RUNNING" },
      statistics: { creationTime: String(Date.now()), startTime: String(Date.now()) },
    };
    const job: Job = { resource, stop: new AbortController(), finished: Promise.resolve() };
    this.#jobs.set(jobId, job);
    const answer = json(200, view(job));
    job.finished = this.#run(request, job);
    return answer;
  }

  /** jobs.get */
  async get(request: HttpRequest): Promise<HttpAnswer> {
    const job = this.#find(request);
    return job ? json(200, view(job)) : forward(this.#parts.backend, request);
  }

  /** jobs.cancel */
  cancel(request: HttpRequest): Promise<HttpAnswer> | HttpAnswer {
    const job = this.#find(request);
    if (!job) return forward(this.#parts.backend, request);
    job.stop.abort(
      new Failure("CANCELLED", "Job execution was cancelled: User requested cancellation", {
        reason: "stopped",
      }),
    );
    return json(200, { kind: "bigquery#jobCancelResponse", job: view(job) });
  }

  /** jobs.getQueryResults: waits a while for the end, as production does. */
  async results(request: HttpRequest): Promise<HttpAnswer> {
    const job = this.#find(request);
    if (job) {
      const patience = Number(request.url.searchParams.get("timeoutMs") ?? 10_000);
      let timer!: NodeJS.Timeout;
      await Promise.race([job.finished, new Promise((done) => (timer = setTimeout(done, patience)))]);
      clearTimeout(timer);
      const { jobReference, status } = job.resource;
      if (status.state !== "DONE") return json(200, { jobReference, jobComplete: false });
      if (status.errorResult) throw failureOf(status.errorResult);
    }
    return forward(this.#parts.backend, request);
  }

  /** jobs.query: the emulator reports errors of SQL as success. */
  async query(request: HttpRequest): Promise<HttpAnswer> {
    const query = JSON.parse(request.body.toString()) as Query & {
      maximumBytesBilled?: string;
      dryRun?: boolean;
    };
    const { processed } = await this.#runner.price(projectOf(request), query);
    const answer = await forward(this.#parts.backend, request);
    if (answer.status !== 200) return answer;
    const result = JSON.parse(answer.body.toString()) as { errors?: ErrorProto[] };
    if (result.errors?.length) throw failureOf(result.errors[0]!);
    this.#runner.touch(projectOf(request), { query });
    return json(200, { ...result, totalBytesProcessed: String(processed) });
  }

  async #run(request: HttpRequest, { resource, stop }: Job): Promise<void> {
    const { jobReference, configuration } = resource;
    try {
      await this.#parts.faults.around(
        "BigQuery.job.run",
        resource,
        () => this.#runner.execute(request, resource),
        stop.signal,
      );
      // A job cancelled during the emulator's work counts as cancelled.
      stop.signal.throwIfAborted();
      this.#runner.touch(jobReference.projectId, configuration);
    } catch (error) {
      const { message, reason = "backendError" } = error as Failure;
      resource.status.errorResult = { reason, message };
      resource.status.errors = [{ reason, message }];
    }
    resource.statistics["endTime"] = String(Date.now());
    resource.status.state = "DONE";
  }

  /** @throws Failure when the job is in another location than the caller names. */
  #find({ url }: HttpRequest): Job | undefined {
    const [, jobId] = /\/(?:jobs|queries)\/([^/]+)/.exec(url.pathname)!;
    const job = this.#jobs.get(decodeURIComponent(jobId!));
    const location = url.searchParams.get("location");
    if (!job || !location || location.toUpperCase() === job.resource.jobReference.location.toUpperCase())
      return job;
    throw new Failure(
      "NOT_FOUND",
      `Not found: Job ${job.resource.jobReference.projectId}:${location}.${jobId}`,
    );
  }
}

const view = ({ resource }: Job) => ({
  kind: "bigquery#job",
  id: `${resource.jobReference.projectId}:${resource.jobReference.location}.${resource.jobReference.jobId}`,
  ...resource,
});

const projectOf = ({ url }: HttpRequest) => decodeURIComponent(/\/projects\/([^/]+)/.exec(url.pathname)![1]!);
