import type { Ratings } from "../ratings/ratings.ts";
import { meanOf, type Gain } from "./quality.ts";

/** Means over lists. A list without an item has no novelty, one of a single item no diversity. */
export interface BeyondAccuracy {
  /** In bits: what it says of a user that they had such an item. */
  novelty10: Gain;
  /** From 0, the same users have all items of a list, to 1, no user has two of them. */
  diversity10: Gain;
}

/** So many pairs are kept: popular items meet in many lists, and memory has a bound. */
const MOST_KEPT = 1_000_000;

/**
 * What else than hits the first ten of each list are:
 *
 *     Novelty@10    mean of -log2(users of the item / all users)  (Zhou et al. 2010)
 *     Diversity@10  mean of 1 - cosine over the list's pairs      (Smyth & McClave 2001)
 *
 * The cosine of two items is |users of both| / sqrt(|users of one| |users of the other|).
 * @param users the training's ratings the other way round: a row for each item, with its users in
 * ascending order
 */
export function beyondAccuracy(lists: readonly (readonly number[])[], users: Ratings): BeyondAccuracy {
  const { rowStart } = users;
  const cosines = new Map<number, number>();
  const cosine = (a: number, b: number): number => {
    const key = Math.min(a, b) * users.users + Math.max(a, b);
    let found = cosines.get(key);
    if (found !== undefined) return found;
    if (cosines.size === MOST_KEPT) cosines.clear();
    cosines.set(key, (found = cosineOf(users, a, b)));
    return found;
  };
  const novelty = (item: number) => Math.log2(users.items / (rowStart[item + 1] - rowStart[item]));
  const first = lists.map((list) => list.slice(0, 10));
  return {
    novelty10: meanOfLists(first, (list) => list.map(novelty)),
    diversity10: meanOfLists(first, (list) =>
      list.flatMap((a, k) => list.slice(k + 1).map((b) => 1 - cosine(a, b))),
    ),
  };
}

function meanOfLists(lists: number[][], valuesOf: (list: number[]) => number[]): Gain {
  const means = lists
    .map(valuesOf)
    .filter((values) => values.length > 0)
    .map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  return meanOf(Float64Array.from(means));
}

/** Both items' users ascend, so one pass finds those that are of both. */
function cosineOf({ rowStart, item: user }: Ratings, a: number, b: number): number {
  let [i, j, common] = [rowStart[a], rowStart[b], 0];
  const [endA, endB] = [rowStart[a + 1], rowStart[b + 1]];
  while (i < endA && j < endB) {
    const difference = user[i] - user[j];
    if (difference === 0) common++;
    if (difference <= 0) i++;
    if (difference >= 0) j++;
  }
  return common / Math.sqrt((endA - rowStart[a]) * (endB - rowStart[b]));
}
