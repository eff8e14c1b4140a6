import type { FastifyBaseLogger } from "fastify";
import { bucketOf } from "../../adapters/storage/choose.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Classifier } from "../../day/classifier.ts";
import { longestWorkMs } from "../../day/compute-list.ts";
import type { ReviewStore } from "../../day/reviews/review-store.ts";

/** What all shops of a process share for their reviews. */
export interface OpenReviews {
  store: ReviewStore;
  /** Null: there is no inference service, or not yet. */
  classifier(): Classifier | null;
  /** True on Google Cloud: a function asks the inference service, and not this process. */
  isAskedElsewhere: boolean;
  /** From now on the inference service at this host:port is asked. */
  ask(address: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Null where the settings have no reviews: nothing of them is loaded then.
 * @throws Problem when a setting is missing.
 */
export async function openReviews(settings: Settings, log: FastifyBaseLogger): Promise<OpenReviews | null> {
  if (!settings["reviews.on"]) return null;
  const store = await openStore(settings, (error) =>
    log.error({ err: error }, "reviews cannot be read or written"),
  );
  const isAskedElsewhere = isOnCloud(settings);
  let classifier = isAskedElsewhere ? null : await openClassifier(settings);
  return {
    store,
    isAskedElsewhere,
    classifier: () => classifier,
    async ask(address) {
      const before = classifier;
      classifier = await openClassifier({ ...settings, "reviews.address": address });
      before?.close();
    },
    async close() {
      await store.close();
      classifier?.close();
    },
  };
}

const isOnCloud = ({ data }: Settings) => bucketOf(data) !== undefined;

/**
 * Reviews: in the data folder, or on Google Cloud where `data` is a bucket.
 * @throws Problem when a setting is missing.
 */
export async function openStore(settings: Settings, failed: (error: unknown) => void): Promise<ReviewStore> {
  if (isOnCloud(settings))
    return (await import("../../adapters/gcp/reviews/store.ts")).openCloudReviewStore(settings, { failed });
  const { openReviewStore } = await import("../../adapters/local/reviews/store.ts");
  const bounds = { callMs: settings["reviews.callMs"], retries: settings["reviews.retries"] };
  return openReviewStore(settings.data, {
    atOnce: settings["reviews.atOnce"],
    leaseMs: longestWorkMs(bounds),
    failed,
  });
}

/** Null without the service's address: nothing of gRPC is loaded then. */
export async function openClassifier(settings: Settings): Promise<Classifier | null> {
  const { "reviews.address": address, "reviews.auth": auth } = settings;
  if (address === undefined) return null;
  return (await import("../../adapters/grpc/classifier-client.ts")).openClassifier(address, auth);
}
