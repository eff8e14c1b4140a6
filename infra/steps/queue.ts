import type { Cloud } from "../cloud.ts";
import { QUEUE } from "../../contracts/google-names.ts";

/**
 * A task is one look at a stage. Few run at once, and a failed one is tried again for half an hour.
 */
const LIMITS = { maxConcurrentDispatches: 10, maxDispatchesPerSecond: 5 };
const RETRY = { maxAttempts: 10, minBackoff: "10s", maxBackoff: "300s", maxDoublings: 5 };

interface Queue {
  name: string;
  rateLimits?: Record<string, unknown>;
  retryConfig?: Record<string, unknown>;
}

export async function makeQueue({ gcloud, steamer }: Cloud): Promise<void> {
  const at = `--location=${steamer.region}`;
  const there = await gcloud.list<Queue>("tasks", "queues", "list", at);
  const found = there.find(({ name }) => name.endsWith(`/${QUEUE}`));
  if (found && has(found.rateLimits, LIMITS) && has(found.retryConfig, RETRY)) return;
  const flags = [
    `--max-concurrent-dispatches=${LIMITS.maxConcurrentDispatches}`,
    `--max-dispatches-per-second=${LIMITS.maxDispatchesPerSecond}`,
    `--max-attempts=${RETRY.maxAttempts}`,
    `--min-backoff=${RETRY.minBackoff}`,
    `--max-backoff=${RETRY.maxBackoff}`,
    `--max-doublings=${RETRY.maxDoublings}`,
  ];
  await gcloud.change("tasks", "queues", found ? "update" : "create", QUEUE, at, ...flags);
}

const has = (actual: Record<string, unknown> = {}, wanted: Record<string, unknown>) =>
  Object.entries(wanted).every(([name, value]) => actual[name] === value);
