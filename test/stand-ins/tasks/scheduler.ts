import { postWithToken } from "./dispatch.ts";
import { Failure } from "../platform/faults.ts";
import { secondsOf, type GrpcService, type Message } from "../platform/grpc.ts";
import type { World } from "../platform/world.ts";

/** Cloud Scheduler: jobs that call on demand; no cron ticks here. */
export class Scheduler {
  readonly #world: World;
  readonly #jobs = new Map<string, Message>();
  readonly #stop = new AbortController();

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Makes a job's call once; returns the HTTP status (0: no answer). The last part of the job's
   * name is enough.
   */
  async fire(name: string): Promise<number> {
    const job = this.#job(
      [...this.#jobs.keys()].find((key) => key === name || key.endsWith(`/jobs/${name}`)) ?? name,
    );
    if (!job.httpTarget) throw new Failure("INVALID_ARGUMENT", "This stand-in knows HTTP targets only.");
    const { uri, ...target } = job.httpTarget;
    const now = new Date(this.#world.clock.now());
    const headers = {
      "user-agent": "Google-Cloud-Scheduler",
      "x-cloudscheduler": "true",
      "x-cloudscheduler-jobname": job.name.slice(job.name.lastIndexOf("/") + 1),
      "x-cloudscheduler-scheduletime": now.toISOString(),
    };
    const deadline = secondsOf(job.attemptDeadline) || 180;
    return postWithToken(this.#world.identity, { ...target, url: uri, deadline }, headers, this.#stop.signal);
  }

  close(): void {
    this.#stop.abort();
  }

  services(): GrpcService[] {
    const methods = {
      CreateJob: ({ parent, job }: Message) => this.#create(parent, job),
      UpdateJob: ({ job, updateMask }: Message) => this.#update(job, updateMask),
      GetJob: ({ name }: Message) => this.#job(name),
      ListJobs: ({ parent }: Message) => ({
        jobs: [...this.#jobs.values()].filter(({ name }) => name.startsWith(`${parent}/jobs/`)),
      }),
      DeleteJob: ({ name }: Message) => void this.#jobs.delete(this.#job(name).name),
      RunJob: ({ name }: Message) => {
        const job = this.#job(name);
        void this.fire(name);
        return job;
      },
    };
    return [
      { client: "scheduler", name: "google.cloud.scheduler.v1.CloudScheduler", called: "Scheduler", methods },
    ];
  }

  #job(name: string): Message {
    const job = this.#jobs.get(name);
    if (job) return job;
    throw new Failure("NOT_FOUND", `Job not found. ${name}`);
  }

  #create(parent: string, job: Message): Message {
    const name = job.name || `${parent}/jobs/${this.#jobs.size + 1}`;
    if (this.#jobs.has(name)) throw new Failure("ALREADY_EXISTS", `Job already exists. ${name}`);
    const made = { ...job, name, state: "ENABLED" };
    this.#jobs.set(name, made);
    return made;
  }

  #update(job: Message, updateMask?: { paths?: string[] }): Message {
    const old = this.#job(job.name);
    const named = updateMask?.paths?.length
      ? updateMask.paths.map((path) => camelCase(path.split(".")[0]!))
      : Object.keys(job);
    const updated = {
      ...old,
      ...Object.fromEntries(named.map((key) => [key, job[key]])),
      name: old.name,
      state: old.state,
    };
    this.#jobs.set(job.name, updated);
    return updated;
  }
}

const camelCase = (path: string) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
