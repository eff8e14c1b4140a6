import { randomBytes } from "node:crypto";
import { runBeam } from "./beam.ts";
import { Failure } from "../platform/faults.ts";
import { timestamp, type GrpcService, type Message } from "../platform/grpc.ts";
import { checkParameters } from "./template-spec.ts";
import type { World } from "../platform/world.ts";

const ENDED = ["JOB_STATE_DONE", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED"];

/** A job as tests see it. */
export interface JobView {
  id: string;
  name: string;
  state: string;
  parameters: Record<string, string>;
}

interface Job extends JobView {
  message: Message;
  stop: AbortController;
  finished: Promise<void>;
  counters: Record<string, number>;
  errors: string[];
}

/** Dataflow v1beta3: launches the load template, whose pipeline really runs. */
export class Dataflow {
  readonly #world: World & { datastore: string | undefined };
  readonly #jobs = new Map<string, Job>();

  constructor(world: World & { datastore: string | undefined }) {
    this.#world = world;
  }

  jobs(): JobView[] {
    return [...this.#jobs.values()].map(({ id, name, state, parameters }) => ({
      id,
      name,
      state,
      parameters,
    }));
  }

  /** Resolves when no job is running. */
  async idle(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map(({ finished }) => finished));
  }

  async close(): Promise<void> {
    for (const job of this.#jobs.values()) job.stop.abort();
    await this.idle();
  }

  services(): GrpcService[] {
    const service = (name: string, methods: GrpcService["methods"]) => ({
      client: "dataflow",
      name: `google.dataflow.v1beta3.${name}`,
      called: "Dataflow",
      methods,
    });
    return [
      service("FlexTemplatesService", { LaunchFlexTemplate: (request: Message) => this.#launch(request) }),
      service("JobsV1Beta3", {
        GetJob: ({ jobId }: Message) => resource(this.#job(jobId)),
        ListJobs: (request: Message) => this.#list(request),
        UpdateJob: ({ jobId, job }: Message) => this.#update(this.#job(jobId), job),
      }),
      service("MetricsV1Beta3", { GetJobMetrics: ({ jobId }: Message) => metricsOf(this.#job(jobId)) }),
      service("MessagesV1Beta3", { ListJobMessages: ({ jobId }: Message) => messagesOf(this.#job(jobId)) }),
    ];
  }

  #job(id: string): Job {
    const job = this.#jobs.get(id);
    if (job) return job;
    throw new Failure("NOT_FOUND", `(${id}): Information about job ${id} could not be found in our system.`);
  }

  async #launch({ projectId, location, launchParameter, validateOnly }: Message): Promise<Message> {
    const { jobName: name, containerSpecGcsPath, parameters, environment } = launchParameter ?? {};
    if (!/^[a-z]([-a-z0-9]{0,1022}[a-z0-9])?$/.test(name)) {
      throw new Failure(
        "INVALID_ARGUMENT",
        `The job name must be made of a-z, 0-9 and -, and start with a letter: ${name}`,
      );
    }
    await checkParameters(this.#world.files, containerSpecGcsPath, parameters);
    const active = [...this.#jobs.values()].find((job) => job.name === name && !ENDED.includes(job.state));
    if (active)
      throw new Failure("ALREADY_EXISTS", `There is already an active job named ${name}: ${active.id}`);
    if (validateOnly) return {};
    const id = `${new Date(this.#world.clock.now()).toISOString().slice(0, 19).replaceAll(/[T:-]/g, "_")}-${randomBytes(8).readBigUInt64BE()}`;
    const now = timestamp(this.#world.clock.now());
    const message = {
      id,
      projectId,
      name,
      location,
      type: "JOB_TYPE_BATCH",
      createTime: now,
      startTime: now,
      currentStateTime: now,
    };
    const job: Job = {
      id,
      name,
      state: "JOB_STATE_QUEUED",
      parameters,
      counters: {},
      errors: [],
      message: { ...message, labels: environment?.additionalUserLabels ?? {} },
      stop: new AbortController(),
      finished: Promise.resolve(),
    };
    this.#jobs.set(id, job);
    const answer = { job: resource(job) };
    job.finished = this.#run(job);
    return answer;
  }

  async #run(job: Job): Promise<void> {
    const { signal } = job.stop;
    this.#enter(job, "JOB_STATE_RUNNING");
    try {
      const beam = () => runBeam(this.#world, job.parameters, signal);
      const { code, stdout, stderr } = await this.#world.faults.around(
        "Dataflow.job.run",
        job.parameters,
        beam,
        signal,
      );
      signal.throwIfAborted();
      if (code !== 0) throw new Error(stderr.slice(-4000));
      job.counters = JSON.parse(stdout.trim().split("\n").at(-1)!) as Record<string, number>;
      this.#enter(job, "JOB_STATE_DONE");
    } catch (error) {
      if (!signal.aborted) job.errors.push((error as Error).message);
      this.#enter(job, signal.aborted ? "JOB_STATE_CANCELLED" : "JOB_STATE_FAILED");
    }
  }

  #enter(job: Job, state: string): void {
    job.state = state;
    job.message.currentStateTime = timestamp(this.#world.clock.now());
  }

  #update(job: Job, { requestedState }: Message): Message {
    if (requestedState !== "JOB_STATE_CANCELLED")
      throw new Failure("INVALID_ARGUMENT", `A job cannot be asked for ${requestedState}`);
    if (ENDED.includes(job.state))
      throw new Failure("FAILED_PRECONDITION", `(${job.id}): The job has ended: ${job.state}`);
    this.#enter(job, "JOB_STATE_CANCELLING");
    job.stop.abort();
    return resource(job);
  }

  /** Newest first, in pages. */
  #list({ filter, name, pageSize, pageToken }: Message): Message {
    const wanted = ({ state }: Job) =>
      filter === "ACTIVE" ? !ENDED.includes(state) : filter !== "TERMINATED" || ENDED.includes(state);
    const jobs = [...this.#jobs.values()]
      .reverse()
      .filter((job) => wanted(job) && (!name || job.name === name));
    const from = Number(pageToken || 0);
    const to = from + (pageSize || 50);
    return { jobs: jobs.slice(from, to).map(resource), nextPageToken: to < jobs.length ? String(to) : "" };
  }
}

const resource = ({ message, state }: Job): Message => ({ ...message, currentState: state });

/** Every counter twice, as Dataflow reports them: the committed value and a tentative one. */
function metricsOf({ counters, message }: Job): Message {
  const metrics = Object.entries(counters).flatMap(([name, value]) =>
    [{}, { tentative: "true" }].map((tentative) => ({
      name: { origin: "user", name, context: { namespace: "steamer", step: "load", ...tentative } },
      scalar: { kind: "numberValue", numberValue: value },
    })),
  );
  return { metrics, metricTime: message.currentStateTime };
}

const messagesOf = ({ errors, message }: Job): Message => ({
  jobMessages: errors.map((messageText, k) => ({
    id: `${k}`,
    time: message.currentStateTime,
    messageText,
    messageImportance: "JOB_MESSAGE_ERROR",
  })),
});
