import type { Rating } from "../../contracts/http/rating.ts";
import type { Classification } from "../classifier.ts";

/** A review as a user sends it. Times are milliseconds. */
export interface NewReview {
  /** A UUID. */
  id: string;
  shop: string;
  user: string;
  item: string;
  stars: number;
  /** As it was sent. One of blanks alone has nothing to score. */
  text: string;
  /** Idempotency-Key of the request. */
  key: string | null;
  /** Of the request: W3C traceparent. */
  traceparent: string;
}

export interface Review extends Omit<NewReview, "shop" | "key" | "traceparent"> {
  at: number;
  /** What the language model makes of the text; null: it has not been asked yet. */
  scored: Classification | null;
}

/** Reviews that a user may write of one item within 24 hours, and of all items within an hour. */
export interface ReviewLimits {
  perItem: number;
  perHour: number;
}

/** The times of both limits. */
export const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

/** True if this is the review that was sent before, and not another one with its key. */
export const isSame = (before: Review, { user, item, stars, text }: NewReview) =>
  before.user === user && before.item === item && before.stars === stars && before.text === text;

/** What became of a review that was sent. */
export type Added =
  /** `repeated`: the key came with this body before; it is the review of that time. */
  | { outcome: "added" | "repeated"; review: Review }
  /** The key came with another body before. */
  | { outcome: "key reused" }
  | { outcome: "limited"; limit: keyof ReviewLimits; retryAt: number };

/** Where a page of reviews begins: behind the one of this time and id. */
export type PageStart = Pick<Review, "at" | "id">;

export interface ReviewPage {
  rating: Rating | null;
  /** The newest first; of one time by their ids, the greatest first. */
  reviews: Review[];
  /** True if there are more behind them. */
  hasMore: boolean;
}

/** The ratings that have changed; null: the item has no reviews any more. */
export interface RatingChanges {
  changes: [item: string, rating: Rating | null][];
  /** Stands for all changes so far. */
  until: string;
  /** True if this is one part of them: what follows `until` is there already. */
  hasMore: boolean;
}

/** What nights and recommendations need of a review. */
export interface WrittenReview extends Pick<Review, "id" | "user" | "item" | "stars" | "at"> {
  sentiment: number | null;
}

/** The port to reviews. All calls throw when the store fails, or does not answer in time. */
export interface Reviews {
  /**
   * Checks key and limits, and stores the review with its task, all of it or nothing. Of calls at
   * once, also of several instances, each sees what the others have done.
   */
  add(review: NewReview, limits: ReviewLimits, now: number): Promise<Added>;
  get(shop: string, id: string): Promise<Review | null>;
  page(shop: string, item: string, n: number, start?: PageStart): Promise<ReviewPage>;
  /** The ratings that have changed since `until` of a call before, or a part of them. */
  ratings(shop: string, since?: string): Promise<RatingChanges>;
  /**
   * All reviews of a shop that came at `from` or later, in the order in which they came: one part,
   * and the place of the next; null: that was the last.
   */
  written(
    shop: string,
    from: number,
    place?: string,
  ): Promise<{ reviews: WrittenReview[]; next: string | null }>;
  /** The latest that a user has written, the newest first. */
  latestOf(shop: string, user: string, most: number): Promise<WrittenReview[]>;
  /** All that a user has written. */
  exportUser(shop: string, user: string): Promise<Review[]>;
  /** Deletes it. Returns how many reviews that were. */
  eraseUser(shop: string, user: string): Promise<number>;
}

/** A review that is to be scored, leased to who has taken it. */
export interface ReviewTask {
  id: string;
  shop: string;
  item: string;
  text: string;
  traceparent: string;
  /** True if an earlier score is to be replaced. */
  isAgain: boolean;
  /** Times that this has failed; and how many of them were the text's own fault. */
  tries: number;
  faults: number;
  /** Names the lease. Who has lost it changes nothing any more. */
  lease: string;
}

/** How many reviews of one part wait again, and the next part's place; null: that was the last. */
export interface MarkedPart {
  marked: number;
  next: string | null;
}

/** A review whose text could not be scored. */
export interface FailedReview {
  id: string;
  item: string;
  at: number;
  reason: string;
}

/** Reviews of a shop that wait for a score or have none, and the others by their label. */
export interface ReviewCounts {
  waiting: number;
  /** Those that have a score, and are to get one of another model. */
  waitingAgain: number;
  /** When the oldest of those without a score was sent; null: there is none. */
  oldestAt: number | null;
  failed: number;
  byLabel: Record<string, number>;
  /** By their sentiment, in tenths: the first from 0 to below .1, the last from .9 to 1. */
  bySentiment: number[];
}

/** Parts of the range from 0 to 1 in which sentiments are counted. */
export const SENTIMENT_PARTS = 10;

/**
 * The port to tasks: a review is its own. It is stored with the review in one step, so none is lost
 * and none comes twice.
 */
export interface ReviewTasks {
  /**
   * Leases tasks that are due, new reviews first, in the order in which they came. Of an item only
   * the first that waits can be taken: its reviews are scored in order.
   */
  take(
    from: { shop: string; item?: string },
    most: number,
    now: number,
    until: number,
  ): Promise<ReviewTask[]>;
  // Each of these ends the lease; false: it had ended before, or the review is no more.
  score(task: ReviewTask, scored: Classification): Promise<boolean>;
  /** Has it wait until `dueAt`, with these counts. */
  postpone(task: ReviewTask, dueAt: number, counts: Pick<ReviewTask, "tries" | "faults">): Promise<boolean>;
  /** It is not tried again, and the item's next one may be taken. */
  setAside(task: ReviewTask, reason: string): Promise<boolean>;
  /** The first ones that were set aside, in the order in which they came. */
  failed(shop: string, most: number): Promise<FailedReview[]>;
  /** Has reviews that were set aside wait again. */
  retryFailed(shop: string, place?: string): Promise<MarkedPart>;
  /** The same of those that another model scored; they keep that score until they have another. */
  rescore(shop: string, model: string, place?: string): Promise<MarkedPart>;
  counts(shop: string): Promise<ReviewCounts>;
}

/** Reviews and tasks of all shops. */
export interface ReviewStore {
  reviews: Reviews;
  tasks: ReviewTasks;
  /**
   * Has this process carry out tasks of a shop, as long as `admits` says so.
   * @param carryOut never throws
   */
  work(shop: string, carryOut: (task: ReviewTask) => Promise<void>, admits: () => boolean): void;
  /** Has it look for tasks now. */
  wake(shop: string): void;
  /** As of the last look; null: unknown. */
  lastCounts(shop: string): ReviewCounts | null;
  /** The things that do not work now, in words that anybody may see. */
  failing(): string[];
  close(): Promise<void>;
}
