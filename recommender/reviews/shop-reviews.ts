import type { FastifyBaseLogger } from "fastify";
import { inTime } from "../../adapters/in-time.ts";
import type { InferenceService } from "../../contracts/http/pages.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type {
  Added,
  FailedReview,
  NewReview,
  ReviewCounts,
  Reviews,
} from "../../day/reviews/review-store.ts";
import { dislikedIn } from "../../day/reviews/disliked.ts";
import type { OpenReviews } from "./open-reviews.ts";
import type { ReviewMetrics } from "./review-metrics.ts";
import { Ratings } from "./ratings.ts";
import { workerOf } from "./scoring.ts";

/** Pause between two looks for ratings that have changed. */
const LOOK_MS = 2_000;
/** A shop opens without waiting for its ratings any longer. */
const FIRST_LOOK_MS = 5_000;

/** So many of a user's reviews say what they dislike. */
const LATEST = 100;

/** The reviews of one shop. */
export interface ShopReviews extends Pick<Reviews, "get" | "page"> {
  add(review: NewReview): Promise<Added>;
  ratings: Ratings;
  /** Items that a user dislikes, by their latest reviews. */
  dislikedBy(user: string): Promise<string[]>;
  metrics: ReviewMetrics;
  /** Begins to score reviews, and to follow ratings. */
  start(): Promise<void>;
  /** Those that wait, failed, or have a score; and the first of those that failed. */
  counts(): Promise<ReviewCounts>;
  failed(most: number): Promise<FailedReview[]>;
  /** How the inference service is, as far as this process knows. */
  service(): InferenceService;
  /** The things that do not work now, in words that anybody may see. */
  failing(): string[];
  close(): void;
}

export function createShopReviews(
  settings: Settings,
  { store, classifier, isAskedElsewhere }: Omit<OpenReviews, "ask" | "close">,
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
    async dislikedBy(user) {
      const latest = await store.reviews.latestOf(shop, user, LATEST);
      return dislikedIn(latest, settings["reviews.contradiction"]);
    },
    metrics,
    async start() {
      worker.start();
      looker = setInterval(() => void look(), LOOK_MS).unref();
      // Those of a large shop take longer: they come while it answers.
      await inTime(look(), FIRST_LOOK_MS, "").catch(() => {});
    },
    counts: () => store.tasks.counts(shop),
    failed: (most) => store.tasks.failed(shop, most),
    service() {
      if (isAskedElsewhere) return "elsewhere";
      if (classifier() === null) return "none";
      return worker.failing().length > 0 ? "fails" : "answers";
    },
    failing: () => [...store.failing(), ...worker.failing()],
    close: () => clearInterval(looker),
  };
}
