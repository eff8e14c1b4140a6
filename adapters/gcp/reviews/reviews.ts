import type { Transaction } from "@google-cloud/datastore";
import { REVIEWS } from "../../../contracts/datastore.ts";
import { ratingOf } from "../../../day/reviews/rating-sums.ts";
import {
  DAY_MS,
  HOUR_MS,
  isSame,
  type Added,
  type NewReview,
  type ReviewLimits,
  type Reviews,
  type WrittenReview,
} from "../../../day/reviews/review-store.ts";
import type { Database } from "./database.ts";
import {
  entitiesOf,
  recentOf,
  reviewOf,
  reviewOfKey,
  storedItem,
  storedReview,
  type Recent,
  type StoredReview,
} from "./entities.ts";
import { firstOf, freed, noReviews, recount, summed, withWaiting } from "./items.ts";
import { cameAt, END, hashOf, placed, rangeOf } from "./sorting.ts";

/**
 * A change is seen so many milliseconds after its time at the latest: transactions take a while,
 * and clocks differ.
 */
const OVERLAP_MS = 30_000;
/** Reviews that the night reads at once, and ratings that a recommender does. */
const PART = 1000;

/** The reviews themselves: see the port `Reviews`. */
export function reviewsOf(database: Database, now: () => number): Reviews {
  const { client } = database;
  const one = (entity: unknown) => storedReview(client, entity);
  const ofUser = async (shop: string, user: string): Promise<StoredReview[]> => {
    const range = rangeOf(hashOf(user));
    const found = await database.among({ shop, kind: REVIEWS.review, property: "author", range });
    return found.map((entity) => one(entity)!);
  };

  return {
    add: (review, limits, at) =>
      database.change(lanesOf(review), (transaction) =>
        add(database, transaction, review, limits, { at, now }),
      ),
    async get(shop, id) {
      const [found] = await database.find([entitiesOf(client, shop).keys.review(id)]);
      const review = one(found);
      return review && reviewOf(review);
    },
    async page(shop, item, n, start) {
      const range = rangeOf(hashOf(item));
      if (start) range.to = placed(hashOf(item), start.at, start.id);
      const asked = { shop, kind: REVIEWS.review, property: "place", range, most: n + 1, newest: true };
      const [rows, [found]] = await Promise.all([
        database.among(asked),
        database.find([entitiesOf(client, shop).keys.item(item)]),
      ]);
      const reviews = rows.slice(0, n).map((row) => reviewOf(one(row)!));
      return { rating: ratingOf(storedItem(found) ?? undefined), reviews, hasMore: rows.length > n };
    },
    async written(shop, from, place = cameAt(from)) {
      const asked = { shop, kind: REVIEWS.review, property: "came", range: { from: place, to: END } };
      const found = await database.among({ ...asked, most: PART + 1 });
      const reviews = found.map((entity) => one(entity)!);
      const next = reviews[PART];
      return { reviews: reviews.slice(0, PART).map(writtenOf), next: next ? cameAt(next.at, next.id) : null };
    },
    async ratings(shop, since = "0") {
      const { from, until, cursor } = lookOf(since, now());
      const { PropertyFilter } = await import("@google-cloud/datastore");
      const after = new PropertyFilter("changed", ">", from - OVERLAP_MS);
      const query = client.createQuery(shop, REVIEWS.item).filter(after).order("changed").limit(PART);
      const { found, end } = await database.part(cursor === undefined ? query : query.start(cursor));
      const items = found.map((entity) => storedItem(entity)!);
      const hasMore = found.length === PART;
      const next = hasMore ? JSON.stringify({ from, until, cursor: end } satisfies Look) : `${until}`;
      return { changes: items.map((item) => [item.item, ratingOf(item)]), until: next, hasMore };
    },
    async latestOf(shop, user, most) {
      const place = { shop, kind: REVIEWS.review, property: "author", range: rangeOf(hashOf(user)) };
      const found = await database.among({ ...place, most, newest: true });
      return found.map((entity) => writtenOf(one(entity)!));
    },
    exportUser: async (shop, user) => (await ofUser(shop, user)).map(reviewOf),
    async eraseUser(shop, user) {
      let erased = 0;
      // Some may come meanwhile.
      for (let found = await ofUser(shop, user); found.length > 0; found = await ofUser(shop, user))
        for (const { id, item } of found) {
          const work = (transaction: Transaction) => erase(database, transaction, { shop, id, item }, now());
          if (await database.change([laneOf(shop, item)], work)) erased++;
        }
      await database.change([laneOf(shop, user)], async (transaction) =>
        transaction.delete(entitiesOf(client, shop).keys.writer(user)),
      );
      return erased;
    },
  };
}

/** A look for what has changed after `from`, begun at `until`; the cursor is where it goes on. */
interface Look {
  from: number;
  until: number;
  cursor?: string;
}

/** A look that goes on, or one for what has changed since the beginning of the last. */
function lookOf(since: string, now: number): Look {
  const before = JSON.parse(since) as number | Look;
  return typeof before === "number" ? { from: before, until: now } : before;
}

const writtenOf = ({ id, user, item, stars, at, scored }: StoredReview): WrittenReview => ({
  ...{ id, user, item, stars, at },
  sentiment: scored?.sentiment ?? null,
});

/** Of an item, a user or a key. */
export const laneOf = (shop: string, name: string) => `${shop} ${name}`;

const lanesOf = ({ shop, user, item, key }: NewReview) =>
  [user, item, ...(key === null ? [] : [key])].map((name) => laneOf(shop, name));

async function add(
  database: Database,
  transaction: Transaction,
  review: NewReview,
  limits: ReviewLimits,
  { at, now }: { at: number; now(): number },
): Promise<Added> {
  const { id, shop, user, item, stars, text, traceparent } = review;
  const { keys, ...entities } = entitiesOf(database.client, shop);
  const key = review.key === null ? null : hashOf(review.key);
  const asked = [keys.item(item), keys.writer(user), ...(key === null ? [] : [keys.key(key)])];
  const [ofItem, ofWriter, ofKey] = await database.find(asked, transaction);
  const known = reviewOfKey(ofKey);
  if (known !== null) {
    const [found] = await database.find([keys.review(known)], transaction);
    const before = reviewOf(storedReview(database.client, found)!);
    return isSame(before, review) ? { outcome: "repeated", review: before } : { outcome: "key reused" };
  }
  const recent = recentOf(ofWriter).filter((each) => each[1] > at - DAY_MS);
  const refusal = limited(recent, hashOf(item), limits, at);
  if (refusal) return refusal;
  const state = text.trim() === "" ? null : "waiting";
  const work = { traceparent, tries: 0, faults: 0, reason: null, scored: null, state } as const;
  const stored = { id, user, item, stars, text, at, key, ...work };
  const more = summed({ ...(storedItem(ofItem) ?? noReviews(item)), changed: now() }, stored, 1);
  transaction.save(entities.review(stored));
  transaction.save(entities.item(state ? withWaiting(more, stored) : more));
  transaction.save(entities.writer(user, [...recent, [hashOf(item), at]]));
  if (key !== null) transaction.save(entities.key(key, id));
  return { outcome: "added", review: reviewOf(stored) };
}

function limited(recent: Recent, item: string, limits: ReviewLimits, now: number): Added | null {
  /** When the one was written that must pass before there may be another. */
  const latest = (times: number[], others: number) => times.sort((a, b) => b - a)[others - 1];
  const ofDay = latest(
    recent.flatMap(([of, at]) => (of === item ? [at] : [])),
    limits.perItem,
  );
  if (ofDay !== undefined) return { outcome: "limited", limit: "perItem", retryAt: ofDay + DAY_MS };
  const ofHour = latest(
    recent.flatMap(([, at]) => (at > now - HOUR_MS ? [at] : [])),
    limits.perHour,
  );
  if (ofHour !== undefined) return { outcome: "limited", limit: "perHour", retryAt: ofHour + HOUR_MS };
  return null;
}

/** Deletes a review with all that was added up from it. False: it is no more. */
async function erase(
  database: Database,
  transaction: Transaction,
  { shop, id, item }: { shop: string; id: string; item: string },
  now: number,
): Promise<boolean> {
  const { keys, ...entities } = entitiesOf(database.client, shop);
  const [ofItem, found] = await database.find([keys.item(item), keys.review(id)], transaction);
  const review = storedReview(database.client, found);
  if (!review) return false;
  const less = summed({ ...storedItem(ofItem)!, changed: now }, review, -1);
  // If it is at work, or was the first, the next one may be taken.
  const isFirst = less.head === id || less.head === null;
  const next = isFirst ? await firstOf(database, transaction, { shop, item }, id) : null;
  await recount(database, transaction, { shop, item }, [[review, -1]]);
  transaction.delete(keys.review(id));
  if (review.key !== null) transaction.delete(keys.key(review.key));
  transaction.save(entities.item(isFirst ? freed(less, next) : less));
  return true;
}
