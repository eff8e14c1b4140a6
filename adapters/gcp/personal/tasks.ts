import { PERSONALIZE, PERSONAL_QUEUE } from "../../../contracts/google-names.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { PersonalTasks, Waiting } from "../../../day/personal-lists.ts";
import { inTime } from "../../in-time.ts";
import { Watched } from "../../watched.ts";
import { cloudTasks, cloudTasksStats, projectOf, type Place } from "../clients.ts";
import { isCallersFault } from "../failures.ts";
import { tasksFor } from "../http-task.ts";

/** Nobody's request waits for these. */
const PATIENT_MS = 2_000;
/** Pause between two looks at the queue's length. */
const LOOK_MS = 10_000;
/** What Cloud Tasks allows as the time for an answer, in seconds. */
const DISPATCH_SECONDS = { least: 15, most: 1800 };

export interface TasksOptions {
  /** Tasks that may wait. */
  most: number;
  /** The longest that a task is at work, in milliseconds. */
  leaseMs: number;
  /** Is told of the first failure of several in a row. */
  failed(error: unknown): void;
}

/**
 * Delivers tasks by Cloud Tasks to the function `personalize`, with a token of the account
 * steamer-personal-tasks.
 *
 * They have no names. The claim sees to it that a list has one task, and a name would be taken for
 * an hour after its task.
 *
 * Cloud Tasks knows no bound of a queue's length. It tells an estimate of it, for all shops
 * together. Each instance looks at it every ten seconds, and adds what it has handed on since.
 */
export async function openCloudTasks(
  settings: Place & Pick<Settings, "functionsUrl">,
  options: TasksOptions,
) {
  const { most, leaseMs, failed } = options;
  const { region } = settings;
  const project = projectOf(settings);
  const [client, stats] = await Promise.all([cloudTasks(settings), cloudTasksStats(settings)]);
  const parent = client.queuePath(project, region, PERSONAL_QUEUE);
  const taskFor = tasksFor(settings, "personal-tasks");
  const { least, most: longest } = DISPATCH_SECONDS;
  const seconds = Math.min(longest, Math.max(least, Math.ceil(leaseMs / 1000)));
  const [creating, looking] = [new Watched(failed, isCallersFault), new Watched(failed, isCallersFault)];
  const bounded = <T>(call: Promise<T>) =>
    inTime(call, PATIENT_MS, `Cloud Tasks did not answer within ${PATIENT_MS} ms`);
  let seen: Waiting | null = null;
  let since = 0;

  async function look(): Promise<void> {
    const request = { name: parent, readMask: { paths: ["stats"] } };
    const before = since;
    try {
      const [queue] = await looking.run(() => bounded(stats.getQueue(request, { timeout: PATIENT_MS })));
      const { tasksCount = 0, oldestEstimatedArrivalTime: oldest } = queue.stats ?? {};
      seen = { tasks: Number(tasksCount), oldestAt: oldest ? Number(oldest.seconds) * 1000 : Date.now() };
      since -= before;
    } catch {
      seen = null;
    }
  }

  const looker = setInterval(() => void look(), LOOK_MS).unref();
  const tasks: PersonalTasks = {
    async enqueue(task) {
      // Where the length is unknown, a queue that is too long is better than no lists.
      if (seen !== null && seen.tasks + since >= most) return false;
      const httpRequest = taskFor(PERSONALIZE, task, { traceparent: task.traceparent });
      const request = { parent, task: { httpRequest, dispatchDeadline: { seconds } } };
      // Counted before it is there: others may come meanwhile.
      since++;
      try {
        await creating.run(() => bounded(client.createTask(request, { timeout: PATIENT_MS })));
      } catch (error) {
        since--;
        throw error;
      }
      return true;
    },
  };
  return {
    ...tasks,
    /** Connects, so that the first task need not wait for it. */
    connect: look,
    waiting: () => seen,
    isFailing: () => creating.isFailing,
    close: () => clearInterval(looker),
  };
}
