import type { ReviewsStateAnswer } from "../../contracts/http/pages.ts";
import { reviewing, within } from "../reviews/reviews-routes.ts";
import type { Shop } from "../shop.ts";

/** Failures that are shown. */
const FAILURES = 20;

/**
 * What waits, what failed, and how sentiments are distributed.
 * @throws Refusal where the shop takes no reviews, or the store fails.
 */
export async function reviewsStateOf(shop: Shop): Promise<ReviewsStateAnswer> {
  const { reviews } = reviewing(shop);
  const [counts, failed] = await within(Promise.all([reviews.counts(), reviews.failed(FAILURES)]));
  return {
    ...counts,
    service: reviews.service(),
    oldestAt: counts.oldestAt === null ? null : timeOf(counts.oldestAt),
    failures: failed.map(({ id, item, at, reason }) => ({ review: id, item, at: timeOf(at), reason })),
  };
}

const timeOf = (at: number) => new Date(at).toISOString();
