import type { FastifyBaseLogger } from "fastify";
import { bucketOf } from "../../adapters/storage/choose.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Classifier } from "../../day/classifier.ts";
import { longestWorkMs } from "../../day/compute-list.ts";
import type { ReviewStore } from "../../day/reviews/review-store.ts";

/** What all shops of a process share for their reviews. */
export interface OpenReviews {
  store: ReviewStore;
  /** Null: there is no inference service. */
  classifier: Classifier | null;
  close(): Promise<void>;
}

/**
 * Null where the settings have no reviews: nothing of them is loaded then.
 * @throws Problem when `data` is a bucket.
 */
export async function openReviews(settings: Settings, log: FastifyBaseLogger): Promise<OpenReviews | null> {
  if (!settings["reviews.on"]) return null;
  const store = await openStore(settings, (error) =>
    log.error({ err: error }, "reviews cannot be read or written"),
  );
  const classifier = await openClassifier(settings);
  return {
    store,
    classifier,
    async close() {
      await store.close();
      classifier?.close();
    },
  };
}

/** @throws Problem when `data` is a bucket. */
export async function openStore(settings: Settings, failed: (error: unknown) => void): Promise<ReviewStore> {
  const { data } = settings;
  if (bucketOf(data) !== undefined) {
    const why = `${data} is a bucket, and reviews are kept in a data folder only`;
    const next = "leave out reviews.on, or name a folder with --data";
    throw new Problem({ doing: "Opening reviews", why, next });
  }
  const { openReviewStore } = await import("../../adapters/local/reviews/store.ts");
  const bounds = { callMs: settings["reviews.callMs"], retries: settings["reviews.retries"] };
  return openReviewStore(data, {
    atOnce: settings["reviews.atOnce"],
    leaseMs: longestWorkMs(bounds),
    failed,
  });
}

/** Null without the service's address: nothing of gRPC is loaded then. */
export async function openClassifier(settings: Settings): Promise<Classifier | null> {
  const { "reviews.address": address } = settings;
  if (address === undefined) return null;
  return (await import("../../adapters/grpc/classifier-client.ts")).openClassifier(address);
}
