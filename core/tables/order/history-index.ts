import type { Knobs } from "../../../contracts/settings/similarity.ts";
import type { Ratings } from "../../ratings/ratings.ts";
import { floats } from "../labels.ts";
import { layOutHistories, usersOf, type Histories } from "./histories.ts";

/** The knobs that decide a similarity. */
export type OrderOptions = Pick<
  Knobs,
  "alpha" | "shrinkage" | "minSupport" | "top" | "window" | "distanceDecay" | "backward"
>;

/** Histories, and what scores are multiplied with. */
export interface HistoryIndex extends OrderOptions, Histories {
  /**
   * The factors of s(i,j) = (F(i→j) + b F(j→i)) left[i] right[j] n/(n+L):
   *
   *     left  = 2 / ((1+b) users(i)^a)
   *     right = 1 / users(j)^(1-a), times the item's share
   */
  left: Float64Array;
  right: Float64Array;
}

/**
 * Lays histories out for the kernel.
 * @param ratings rows in the order of time
 */
export function buildHistoryIndex(ratings: Ratings, options: OrderOptions): HistoryIndex {
  const { alpha, shrinkage, minSupport, distanceDecay, backward } = options;
  const histories = layOutHistories(ratings, options);
  const { items, item } = histories;
  const [left, right] = [floats(items), floats(items)];
  for (let label = 0; label < items; label++) {
    const users = usersOf(histories, label);
    left[label] = 2 / ((1 + backward) * users ** alpha);
    right[label] = (ratings.share?.[item[label]] ?? 1) / users ** (1 - alpha);
  }
  return { ...histories, alpha, shrinkage, minSupport, distanceDecay, backward, left, right };
}
