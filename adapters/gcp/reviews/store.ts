import type { Settings } from "../../../contracts/settings/settings.ts";
import type { ReviewCounts, ReviewStore } from "../../../day/reviews/review-store.ts";
import type { Place } from "../clients.ts";
import { openDatabase } from "./database.ts";
import { openDeliveries } from "./deliveries.ts";
import { reviewsOf } from "./reviews.ts";
import { tasksOf } from "./review-tasks.ts";

const PATIENT_MS = 10_000;
/** Pause between two looks at the counts, which read dozens of entities. */
const LOOK_MS = 60_000;

export interface CloudReviewsOptions {
  /** Longest wait for Datastore, in milliseconds. */
  patientMs?: number;
  /** Is told of the first failure of several in a row. */
  failed(error: unknown): void;
  now?(): number;
}

/** Reviews and their tasks in Datastore. */
export async function openCloudReviews(place: Place, options: CloudReviewsOptions) {
  const { patientMs = PATIENT_MS, failed, now = Date.now } = options;
  const database = await openDatabase(place, { patientMs }, failed);
  return {
    reviews: reviewsOf(database, now),
    tasks: tasksOf(database, now),
    isFailing: database.isFailing,
  };
}

/** The same, where the function `score-review` carries tasks out: it is asked for each review. */
export async function openCloudReviewStore(
  settings: Place & Pick<Settings, "functionsUrl">,
  options: CloudReviewsOptions,
): Promise<ReviewStore> {
  const [{ reviews, tasks, isFailing }, deliveries] = await Promise.all([
    openCloudReviews(settings, options),
    openDeliveries(settings, options.failed),
  ]);
  const counts = new Map<string, ReviewCounts | null>();
  // What is not delivered now is found by Cloud Scheduler's call.
  const ask = (...call: Parameters<typeof deliveries.ask>) => deliveries.ask(...call).catch(() => {});
  const look = async (shop: string) => void counts.set(shop, await tasks.counts(shop).catch(() => null));
  const looker = setInterval(() => {
    for (const shop of counts.keys()) void look(shop);
  }, LOOK_MS).unref();

  return {
    reviews: {
      ...reviews,
      async add(review, ...rest) {
        const added = await reviews.add(review, ...rest);
        const { shop, item, text, traceparent } = review;
        // Cloud Run may stop an instance after its answer, so the answer waits for this.
        if (added.outcome === "added" && text.trim() !== "") await ask({ shop, item }, traceparent);
        return added;
      },
    },
    tasks,
    work(shop) {
      counts.set(shop, null);
      void look(shop);
      void ask({ shop });
    },
    wake: (shop) => void ask({ shop }),
    lastCounts: (shop) => counts.get(shop) ?? null,
    failing: () => [
      ...(isFailing() ? ["reviews"] : []),
      ...(deliveries.isFailing() ? ["the queue of reviews"] : []),
    ],
    close: async () => clearInterval(looker),
  };
}
