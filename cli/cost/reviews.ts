import {
  always,
  DAYS,
  instances,
  round,
  some,
  TASK_OPERATIONS,
  usd,
  type CostLine,
  type ShopNumbers,
} from "./lines.ts";
import type { PriceTable } from "./prices.ts";

/**
 * What one review costs, in Datastore's operations. To store it, the item, the user's latest and
 * the key are looked up, and written with the review. To score it, the item and its first review
 * are read and leased; then both, the next review and the counts of labels are read, and three of
 * them written. A last look finds nothing.
 */
const REVIEW = { read: 3 + 2 + 4 + 1, written: 4 + 1 + 3 };
/** The ten reviews of a page, the first of the next one, and the item. */
const PAGE_READS = 12;
/** Counts are three numbers, the oldest review and eight entities of labels. */
const COUNTS_READS = 12;
/** The function looks for new reviews and for those of a rescoring, and counts, every minute. */
const LOOK_READS = 2 + COUNTS_READS;
const MINUTES = 24 * 60;
/** A recommender looks for ratings every two seconds; a look that finds nothing is one read. */
const RATING_LOOKS = 30 * MINUTES;

/** Reviews, line by line; none for a shop without them. */
export function reviewsCost(shop: ShopNumbers, table: PriceTable): CostLine[] {
  const { reviews, reviewPages, inferences, personalRequests } = shop;
  if (reviews + reviewPages + inferences === 0) return [];
  const { prices, free } = table;
  const month = DAYS * reviews;
  const reads = (count: number) => usd(prices.read, DAYS * count);
  // A request for a user's own list looks for what they dislike. Most have written nothing.
  const looks =
    personalRequests + LOOK_READS * MINUTES + (RATING_LOOKS + COUNTS_READS * MINUTES) * shop.instances;
  return [
    always(
      "Datastore",
      `${round(reviews)} reviews a day stored and scored`,
      usd(prices.read, REVIEW.read * month) + usd(prices.written, REVIEW.written * month),
    ),
    always("Datastore", `${round(reviewPages)} pages of reviews read a day`, reads(PAGE_READS * reviewPages)),
    always("Datastore", "looks for reviews that wait, for ratings, and for what users dislike", reads(looks)),
    always(
      "Cloud Tasks",
      `${round(reviews)} reviews a day`,
      usd(prices.task, Math.max(0, TASK_OPERATIONS * month - free.tasks)),
    ),
    always("Cloud Scheduler", "a job that looks every minute", usd(prices.job, 1)),
    always(
      "functions",
      `calls of score-review: ${round(reviews)} a day, and one a minute`,
      usd(prices.call, month + DAYS * MINUTES),
    ),
    instances(
      shop,
      table,
      inferences,
      `${some(inferences, "instance")} of the inference service`,
      "inference",
    ),
  ];
}
