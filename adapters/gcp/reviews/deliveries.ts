import { REVIEW_QUEUE, SCORE_REVIEW } from "../../../contracts/google-names.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { LONGEST_SWEEP_MS, type Due } from "../../../day/reviews/score-due.ts";
import { inTime } from "../../in-time.ts";
import { Watched } from "../../watched.ts";
import { cloudTasks, projectOf, type Place } from "../clients.ts";
import { isCallersFault } from "../failures.ts";
import { tasksFor } from "../http-task.ts";

const PATIENT_MS = 1_000;

/** Who asks for reviews to be scored, on Google Cloud. */
export type Deliveries = Awaited<ReturnType<typeof openDeliveries>>;

/**
 * Has Cloud Tasks ask the function `score-review` for an item's reviews, with a token of the
 * account steamer-review-tasks. A review is its own task, in Datastore. So one of these that is
 * lost, late or delivered twice does no harm: Cloud Scheduler asks for what was left behind.
 */
export async function openDeliveries(
  settings: Place & Pick<Settings, "functionsUrl">,
  failed: (error: unknown) => void,
) {
  const client = await cloudTasks(settings);
  const parent = client.queuePath(projectOf(settings), settings.region, REVIEW_QUEUE);
  const taskFor = tasksFor(settings, "review-tasks");
  const watched = new Watched(failed, isCallersFault);
  // An answer comes after the longest work, and what was begun then.
  const dispatchDeadline = { seconds: (2 * LONGEST_SWEEP_MS) / 1000 };
  return {
    isFailing: () => watched.isFailing,
    /** @throws when it cannot be asked */
    async ask(due: Due, traceparent?: string): Promise<void> {
      const httpRequest = taskFor(SCORE_REVIEW, due, traceparent === undefined ? {} : { traceparent });
      const request = { parent, task: { httpRequest, dispatchDeadline } };
      const late = `Cloud Tasks did not answer within ${PATIENT_MS} ms`;
      await watched.run(() => inTime(client.createTask(request, { timeout: PATIENT_MS }), PATIENT_MS, late));
    },
  };
}
