import type { Settings } from "../contracts/settings/settings.ts";
import { accountEmail, SCORE_REVIEW } from "../contracts/google-names.ts";
import { Problem } from "../contracts/problem.ts";
import { traceOf } from "../day/calls.ts";
import type { Classifier } from "../day/classifier.ts";
import type { ReviewTask, ReviewTasks } from "../day/reviews/review-store.ts";
import { scoreDue, type Sweep } from "../day/reviews/score-due.ts";
import type { ScoringOutcome } from "../day/reviews/score-review.ts";
import { guardsByShop } from "./guards.ts";
import { Later, type Call, type Endpoint } from "./handler.ts";
import type { Log } from "./log.ts";
import { Opened } from "./opened.ts";
import { ScoreReviewRequest } from "./requests.ts";

const EVENT = "review";

/**
 * Scores reviews, as the recommender does itself on one machine. Cloud Tasks asks for those of an
 * item when one comes, and again while some must wait. Cloud Scheduler asks for all that was left
 * behind.
 */
export const scoreReviewEndpoint: Endpoint<typeof ScoreReviewRequest> = {
  name: SCORE_REVIEW,
  schema: ScoreReviewRequest,
  callers: (env) => [accountEmail("review-tasks", env["STEAMER_PROJECT"] ?? "")],
  problems: "drop",
  failure: { event: EVENT, outcome: "failed" },
  settingsSeconds: 5,
  async work({ body: due, settings, log }: Call<ScoreReviewRequest>) {
    const { tasks, ...sweep } = await sweepFor(settings, log);
    const { outcomes, isUnfinished } = await scoreDue(due, { tasks, ...sweep });
    if (due.item === undefined) await tell(tasks, settings, log);
    // What was left behind is looked for every minute.
    else if (isUnfinished) throw new Later("reviews of an item wait", { outcomes });
    return { outcomes };
  },
};

/** What waits, and since when: an alarm is made of it. */
async function tell(tasks: ReviewTasks, { shop }: Settings, log: Log): Promise<void> {
  const { waiting, waitingAgain, oldestAt, failed } = await tasks.counts(shop);
  const ageSeconds = oldestAt === null ? 0 : Math.max(0, Math.round((Date.now() - oldestAt) / 1000));
  log("INFO", "reviews", { event: "reviews waiting", waiting, waitingAgain, ageSeconds, failed });
}

const guardOf = guardsByShop();
const clients = new Opened<{ tasks: ReviewTasks; classifier: Classifier }>();

async function sweepFor(settings: Settings, log: Log): Promise<Sweep> {
  const { shop, "reviews.breakMs": breakMs, "reviews.retries": retries } = settings;
  const statuses: string[] = [];
  return {
    ...guardOf(shop, { breakMs, retries }),
    ...(await clientsFor(settings)),
    bounds: {
      callMs: settings["reviews.callMs"],
      retries,
      attempts: settings["reviews.attempts"],
    },
    atOnce: settings["reviews.atOnce"],
    now: Date.now,
    random: Math.random,
    called: (status) => void statuses.push(status),
    retrying: () => {},
    done: (task, outcome) => {
      // Calls at once share the list.
      log(...lineOf(task, outcome, statuses.splice(0)));
    },
  };
}

/** Neither text nor user is ever logged. */
function lineOf(
  { id, tries, traceparent }: ReviewTask,
  outcome: ScoringOutcome,
  calls: string[],
): Parameters<Log> {
  const severity = outcome === "set aside" ? "ERROR" : WAITING.includes(outcome) ? "WARNING" : "INFO";
  const fields = { event: EVENT, review: id, outcome, tries, calls, trace: traceOf(traceparent) } as const;
  return [severity, "a review's score", fields];
}
const WAITING: readonly ScoringOutcome[] = ["postponed", "faulty", "refused"];

/** Connections are kept, and shared by all shops that have the same service. */
function clientsFor(settings: Settings) {
  const { "reviews.address": address, "reviews.auth": auth } = settings;
  if (address === undefined) {
    const next =
      "deploy the shop with reviews.on; if another one's recommender serves it, deploy.servedBy names that one";
    throw new Problem({ doing: "Scoring reviews", why: "no inference service is named", next });
  }
  return clients.get(`${auth} ${address}`, () => openClients(settings, address));
}

async function openClients(settings: Settings, address: string) {
  const [{ openCloudReviews }, { openClassifier }] = await Promise.all([
    import("../adapters/gcp/reviews/store.ts"),
    import("../adapters/grpc/classifier-client.ts"),
  ]);
  // The handler logs what fails.
  const { tasks } = await openCloudReviews(settings, { failed: () => {} });
  return { tasks, classifier: openClassifier(address, settings["reviews.auth"]) };
}
