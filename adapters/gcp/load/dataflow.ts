import type { protos } from "@google-cloud/dataflow";
import { dataflow, projectOf, type Place } from "../clients.ts";
import { asking, ifThere, statusOf } from "../failures.ts";

type LaunchParameter = protos.google.dataflow.v1beta3.ILaunchFlexTemplateParameter;

/** A job as the load stage sees it; `state` without JOB_STATE_. */
export interface JobLook {
  state: string;
  ended: boolean;
}

/** The calls of Dataflow that the load stage needs; `id` is a job's. */
export interface Jobs {
  /**
   * Launches a template. A job of this name, active or ended, is the same attempt's and is kept.
   */
  launch(name: string, parameter: LaunchParameter): Promise<string>;
  look(id: string): Promise<JobLook>;
  /**
   * The values of our counters; a counter that was never touched is absent. They are tentative
   * while the job runs.
   */
  counters(id: string): Promise<Record<string, number>>;
  /** The errors in the job's log. */
  errors(id: string): Promise<string>;
  /** Asks a job to stop, unless it has ended. */
  cancel(id: string): Promise<void>;
}

/** The client never pages async listings, and warns callers that do not turn paging off. */
const STREAM = { autoPaginate: false };
const ENDED = ["DONE", "FAILED", "CANCELLED", "UPDATED", "DRAINED"];
const NEXT =
  "check that the account of this function may launch Dataflow jobs and act as steamer-dataflow: `infra/deploy` sees to both";

export async function openJobs(place: Place): Promise<Jobs> {
  const { templates, jobs, metrics, messages } = await dataflow(place);
  const region = { projectId: projectOf(place), location: place.region };

  async function find(name: string): Promise<string | undefined> {
    for await (const job of jobs.listJobsAsync({ ...region, name }, STREAM))
      if (job.name === name) return job.id!;
    return undefined;
  }

  async function look(jobId: string): Promise<JobLook> {
    const [{ currentState }] = await jobs.getJob({ ...region, jobId });
    const state = String(currentState).replace("JOB_STATE_", "");
    return { state, ended: ENDED.includes(state) };
  }

  return {
    launch: (name, parameter) =>
      asking(`Launching the Dataflow job ${name}`, NEXT, async () => {
        // Dataflow wants unique names among active jobs only, so an ended job must be looked for.
        const before = await find(name);
        if (before) return before;
        try {
          const launchParameter = { ...parameter, jobName: name };
          const [{ job }] = await templates.launchFlexTemplate({ ...region, launchParameter });
          return job!.id!;
        } catch (error) {
          if (statusOf(error) !== "ALREADY_EXISTS") throw error;
          const other = await find(name);
          if (other) return other;
          throw new Error(`The job ${name} is there already, but not in the list yet`, { cause: error });
        }
      }),

    look: (id) => asking(`Looking at the Dataflow job ${id}`, NEXT, () => look(id)),

    counters: (id) =>
      asking(`Reading the counters of the Dataflow job ${id}`, NEXT, async () => {
        const [{ metrics: updates }] = await metrics.getJobMetrics({ ...region, jobId: id });
        return sumOfCounters(updates ?? []);
      }),

    errors: (id) =>
      asking(`Reading the messages of the Dataflow job ${id}`, NEXT, async () => {
        const request = { ...region, jobId: id, minimumImportance: "JOB_MESSAGE_ERROR" } as const;
        const found: string[] = [];
        for await (const { messageText } of messages.listJobMessagesAsync(request, STREAM))
          found.push(messageText ?? "");
        return found.join("\n");
      }),

    cancel: (id) =>
      asking(`Cancelling the Dataflow job ${id}`, NEXT, async () => {
        const found = await ifThere(() => look(id));
        if (!found || found.ended) return;
        try {
          await jobs.updateJob({ ...region, jobId: id, job: { requestedState: "JOB_STATE_CANCELLED" } });
        } catch (error) {
          // The job may have ended in the meantime.
          if (!(await look(id)).ended) throw error;
        }
      }),
  };
}

/**
 * Each step of a pipeline counts for itself. Each counter comes twice: committed, and with work in
 * progress.
 */
function sumOfCounters(updates: protos.google.dataflow.v1beta3.IMetricUpdate[]): Record<string, number> {
  const sums: Record<"committed" | "tentative", Record<string, number>> = { committed: {}, tentative: {} };
  for (const { name, scalar } of updates) {
    if (name?.origin !== "user" || name.context?.["namespace"] !== "steamer" || !name.name) continue;
    const sum = sums[name.context["tentative"] ? "tentative" : "committed"];
    sum[name.name] = (sum[name.name] ?? 0) + (scalar?.numberValue ?? 0);
  }
  return { ...sums.tentative, ...sums.committed };
}
