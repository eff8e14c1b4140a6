import { ratingOf } from "../../core/ratings/review-rating.ts";
import type { WrittenReview } from "./review-store.ts";

/** The items that a user dislikes, by their reviews, newest first: of each the newest counts. */
export function dislikedIn(reviews: readonly WrittenReview[], contradiction: number): string[] {
  const newest = new Map<string, WrittenReview>();
  for (const review of reviews) if (!newest.has(review.item)) newest.set(review.item, review);
  return [...newest.values()]
    .filter(({ stars, sentiment }) => ratingOf(stars, sentiment, contradiction) < 0)
    .map(({ item }) => item);
}
