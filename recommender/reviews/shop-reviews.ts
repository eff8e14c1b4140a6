import type { FastifyBaseLogger } from "fastify";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Classifier } from "../../day/classifier.ts";
import type { Added, NewReview, ReviewStore, Reviews } from "../../day/reviews/review-store.ts";
import type { ReviewMetrics } from "./review-metrics.ts";
import { Ratings } from "./ratings.ts";
import { workerOf } from "./scoring.ts";

/** Pause between two looks for ratings that have changed. */
const LOOK_MS = 2_000;

/** The reviews of one shop. */
export interface ShopReviews extends Pick<Reviews, "get" | "page"> {
  add(review: NewReview): Promise<Added>;
  ratings: Ratings;
  metrics: ReviewMetrics;
  /** Begins to score reviews, and to follow ratings. */
  start(): Promise<void>;
  /** The things that do not work now, in words that anybody may see. */
  failing(): string[];
  close(): void;
}

export function createShopReviews(
  settings: Settings,
  { store, classifier }: { store: ReviewStore; classifier: Classifier | null },
  log: FastifyBaseLogger,
): ShopReviews {
  const { shop } = settings;
  const worker = workerOf(settings, store, classifier, log);
  const limits = { perItem: settings["reviews.perItem"], perHour: settings["reviews.perHour"] };
  const ratings = new Ratings();
  const { metrics } = worker;
  let looker: NodeJS.Timeout | undefined;
  let looking: Promise<void> | null = null;
  // The store tells its own log of failures; the ratings stay as they were.
  const look = () =>
    (looking ??= ratings
      .refresh((since) => store.reviews.ratings(shop, since))
      .catch(() => {})
      .finally(() => (looking = null)));

  return {
    async add(review) {
      const added = await store.reviews.add(review, limits, Date.now());
      metrics.sent.add([added.outcome]);
      return added;
    },
    get: (of, id) => store.reviews.get(of, id),
    page: (...place) => store.reviews.page(...place),
    ratings,
    metrics,
    async start() {
      worker.start();
      looker = setInterval(() => void look(), LOOK_MS).unref();
      await look();
    },
    failing: () => [...store.failing(), ...worker.failing()],
    close: () => clearInterval(looker),
  };
}
