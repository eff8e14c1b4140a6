import type { Transaction } from "@google-cloud/datastore";
import { REVIEWS } from "../../../contracts/datastore.ts";
import { tenthOf } from "../../../day/reviews/rating-sums.ts";
import type { Database } from "./database.ts";
import {
  entitiesOf,
  labelsOf,
  storedReview,
  type LabelCounts,
  type StoredItem,
  type StoredReview,
} from "./entities.ts";
import { dueOf, hashOf, rangeOf, rankIn, rankOf } from "./sorting.ts";

/** Entities that share the counts of labels. An item's are always in the same one. */
export const SHARDS = 8;
export const shardOf = (item: string) => parseInt(hashOf(item).slice(0, 4), 16) % SHARDS;

export const noReviews = (item: string): StoredItem => ({
  ...{ item, reviews: 0, stars: 0, scored: 0, sentiment: 0, changed: 0 },
  lease: null,
  head: null,
});

const millionths = ({ scored }: Pick<StoredReview, "scored">) =>
  scored === null ? 0 : Math.round(scored.sentiment * 1e6);

/** The item's sums with a review more (1) or less (-1). */
export function summed(item: StoredItem, review: StoredReview, by: 1 | -1): StoredItem {
  return {
    ...item,
    reviews: item.reviews + by,
    stars: item.stars + by * review.stars,
    scored: item.scored + (review.scored ? by : 0),
    sentiment: item.sentiment + by * millionths(review),
  };
}

/** Counts a review's label, if it has one. */
export function count(counts: LabelCounts, review: StoredReview, by: 1 | -1): void {
  if (!review.scored) return;
  const tenths = (counts[review.scored.label] ??= Array.from({ length: 10 }, () => 0));
  tenths[tenthOf(millionths(review))] += by;
}

/** The item when one more of its reviews waits. */
export function withWaiting(item: StoredItem, review: StoredReview): StoredItem {
  const rank = rankOf(review.state);
  const isAhead = item.due === undefined || (item.lease === null && rank < rankIn(item.due));
  return isAhead ? { ...item, head: null, due: dueOf(rank, 0, review.at) } : item;
}

/** The item when nobody has a lease of it: `next` is its first review that waits. */
export function freed({ due: _, ...item }: StoredItem, next: StoredReview | null): StoredItem {
  const free = { ...item, lease: null, head: null };
  return next ? { ...free, due: dueOf(rankOf(next.state), 0, next.at) } : free;
}

/** Of an item the first review that waits, but for this one. */
export async function firstOf(
  database: Database,
  transaction: Transaction,
  of: { shop: string; item: string },
  but?: string,
): Promise<StoredReview | null> {
  const range = rangeOf(hashOf(of.item));
  const place = { shop: of.shop, kind: REVIEWS.review, property: "queue", range, most: 2 };
  const found = await database.among(place, transaction);
  return found.map((entity) => storedReview(database.client, entity)!).find(({ id }) => id !== but) ?? null;
}

/** Changes the counts of labels within a transaction. */
export async function recount(
  database: Database,
  transaction: Transaction,
  of: { shop: string; item: string },
  changes: [StoredReview, 1 | -1][],
): Promise<void> {
  if (changes.every(([{ scored }]) => scored === null)) return;
  const entities = entitiesOf(database.client, of.shop);
  const shard = shardOf(of.item);
  const [found] = await database.find([entities.keys.labels(shard)], transaction);
  const counts = labelsOf(found);
  for (const [review, by] of changes) count(counts, review, by);
  transaction.save(entities.labels(shard, counts));
}
