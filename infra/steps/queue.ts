import { PERSONAL_QUEUE, QUEUE, REVIEW_QUEUE } from "../../contracts/google-names.ts";
import type { Cloud } from "../cloud.ts";
import { together } from "../command-line.ts";
import { hasPersonalizer, hasReviews } from "../serving.ts";

interface Settings {
  rateLimits: { maxConcurrentDispatches: number; maxDispatchesPerSecond: number };
  retryConfig: { maxAttempts: number; minBackoff: string; maxBackoff: string; maxDoublings: number };
}

/**
 * A task is one look at a stage. Few run at once, and a failed one is tried again for half an hour.
 */
const NIGHTS: Settings = {
  rateLimits: { maxConcurrentDispatches: 10, maxDispatchesPerSecond: 5 },
  retryConfig: { maxAttempts: 10, minBackoff: "10s", maxBackoff: "300s", maxDoublings: 5 },
};

/**
 * A task is one user's list. A failed one is tried again for about fifteen seconds, in which a
 * first instance of the Personalizer starts; after that the user's next request makes another.
 */
const PERSONAL: Settings = {
  rateLimits: { maxConcurrentDispatches: 100, maxDispatchesPerSecond: 100 },
  retryConfig: { maxAttempts: 5, minBackoff: "1s", maxBackoff: "30s", maxDoublings: 5 },
};

/**
 * A task is a look at the reviews of one item. A failed one is tried again for some minutes; after
 * that Cloud Scheduler's call looks for them. So few at once that the inference service's first
 * instance can answer them.
 */
const REVIEWS: Settings = {
  rateLimits: { maxConcurrentDispatches: 20, maxDispatchesPerSecond: 50 },
  retryConfig: { maxAttempts: 10, minBackoff: "2s", maxBackoff: "60s", maxDoublings: 5 },
};

interface Queue extends Partial<Settings> {
  name: string;
}

/** Makes the queue of nights, and those of users' lists and of reviews where there are any. */
export async function makeQueues(cloud: Cloud): Promise<void> {
  const { gcloud, steamer } = cloud;
  const there = await gcloud.list<Queue>("tasks", "queues", "list", `--location=${steamer.region}`);
  const make = (name: string, settings: Settings) =>
    makeQueue(
      cloud,
      name,
      settings,
      there.find((queue) => queue.name.endsWith(`/${name}`)),
    );
  await together([
    make(QUEUE, NIGHTS),
    ...(hasPersonalizer(cloud) ? [make(PERSONAL_QUEUE, PERSONAL)] : []),
    ...(hasReviews(cloud) ? [make(REVIEW_QUEUE, REVIEWS)] : []),
  ]);
}

async function makeQueue(
  { gcloud, steamer }: Cloud,
  name: string,
  { rateLimits, retryConfig }: Settings,
  found: Queue | undefined,
): Promise<void> {
  if (found && has(found.rateLimits, rateLimits) && has(found.retryConfig, retryConfig)) return;
  const flags = [
    `--location=${steamer.region}`,
    `--max-concurrent-dispatches=${rateLimits.maxConcurrentDispatches}`,
    `--max-dispatches-per-second=${rateLimits.maxDispatchesPerSecond}`,
    `--max-attempts=${retryConfig.maxAttempts}`,
    `--min-backoff=${retryConfig.minBackoff}`,
    `--max-backoff=${retryConfig.maxBackoff}`,
    `--max-doublings=${retryConfig.maxDoublings}`,
  ];
  await gcloud.change("tasks", "queues", found ? "update" : "create", name, ...flags);
}

const has = (actual: object = {}, wanted: object) =>
  Object.entries(wanted).every(([name, value]) => (actual as Record<string, unknown>)[name] === value);
