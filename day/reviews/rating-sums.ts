import type { Rating } from "../../contracts/http/rating.ts";
import { SENTIMENT_PARTS } from "./review-store.ts";

/** What an item's reviews add up to. Sentiments are millionths, so that sums are exact. */
export interface RatingSums {
  reviews: number;
  stars: number;
  /** Reviews that have a sentiment. */
  scored: number;
  sentiment: number;
}

/** Null where there is no review. */
export function ratingOf(sums: RatingSums | undefined): Rating | null {
  if (!sums || sums.reviews === 0) return null;
  return {
    stars: Math.round((100 * sums.stars) / sums.reviews) / 100,
    reviews: sums.reviews,
    sentiment: sums.scored === 0 ? null : Math.round(sums.sentiment / (100 * sums.scored)) / 1e4,
  };
}

/** The part of the range in which a sentiment is counted. @param sentiment in millionths */
export const tenthOf = (sentiment: number) =>
  Math.min(Math.floor((sentiment * SENTIMENT_PARTS) / 1e6), SENTIMENT_PARTS - 1);
