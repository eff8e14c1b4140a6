import type { DatabaseSync } from "node:sqlite";
import {
  DAY_MS,
  HOUR_MS,
  isSame,
  type Added,
  type NewReview,
  type PageStart,
  type Review,
  type ReviewLimits,
  type ReviewPage,
  type WrittenReview,
} from "../../../day/reviews/review-store.ts";
import { reviewOf, type ReviewRow } from "./rows.ts";
import { atomically } from "./schema.ts";
import type { sumsOf } from "./sums.ts";

/** Reviews that the night reads at once: requests come in between. */
const PART = 5000;

const STILL_IN_LOG =
  "the reviews are deleted, but their texts still stand in its log, since another process reads the file";

const NEWEST: PageStart = { at: Number.MAX_SAFE_INTEGER, id: "" };

/** The reviews themselves: see the port `Reviews`. */
export function reviewRowsOf(database: DatabaseSync, sums: ReturnType<typeof sumsOf>) {
  const insert = database.prepare(`INSERT INTO reviews
    (id, shop, user, item, stars, text, at, key, traceparent, task, due_at, tries, faults)
    VALUES (:id, :shop, :user, :item, :stars, :text, :at, :key, :traceparent, :task, 0, 0, 0)`);
  const byKey = database.prepare("SELECT * FROM reviews WHERE shop = ? AND key = ?");
  const byId = database.prepare("SELECT * FROM reviews WHERE shop = ? AND id = ?");
  const latest = "SELECT at FROM reviews WHERE shop = :shop AND user = :user AND at > :after";
  const latestOfItem = database.prepare(`${latest} AND item = :item ORDER BY at DESC LIMIT 1 OFFSET :others`);
  const latestOfUser = database.prepare(`${latest} ORDER BY at DESC LIMIT 1 OFFSET :others`);
  const ofItem = database.prepare(`SELECT * FROM reviews WHERE shop = :shop AND item = :item
    AND (at, id) < (:at, :id) ORDER BY at DESC, id DESC LIMIT :most`);
  const ofUser = database.prepare("SELECT * FROM reviews WHERE shop = ? AND user = ? ORDER BY at, id");
  const columns = "number, id, user, item, stars, at, sentiment";
  const written = database.prepare(`SELECT ${columns} FROM reviews
    WHERE shop = :shop AND number > :place AND at >= :from ORDER BY number LIMIT ${PART}`);
  const latestOf = database.prepare(`SELECT ${columns} FROM reviews
    WHERE shop = ? AND user = ? ORDER BY at DESC, number DESC LIMIT ?`);
  const erase = database.prepare("DELETE FROM reviews WHERE shop = ? AND user = ?");
  const one = (row: unknown) => (row ? reviewOf(row as ReviewRow) : null);

  function limited(review: NewReview, limits: ReviewLimits, now: number): Added | null {
    const { shop, user, item } = review;
    const retryAt = (at: unknown, ms: number) => (at as { at: number }).at + ms;
    const day = { shop, user, item, after: now - DAY_MS, others: limits.perItem - 1 };
    const ofDay = latestOfItem.get(day);
    if (ofDay) return { outcome: "limited", limit: "perItem", retryAt: retryAt(ofDay, DAY_MS) };
    const ofHour = latestOfUser.get({ shop, user, after: now - HOUR_MS, others: limits.perHour - 1 });
    if (ofHour) return { outcome: "limited", limit: "perHour", retryAt: retryAt(ofHour, HOUR_MS) };
    return null;
  }

  return {
    add: (review: NewReview, limits: ReviewLimits, now: number): Added =>
      atomically(database, () => {
        const before = review.key === null ? null : one(byKey.get(review.shop, review.key));
        if (before)
          return isSame(before, review) ? { outcome: "repeated", review: before } : { outcome: "key reused" };
        const refusal = limited(review, limits, now);
        if (refusal) return refusal;
        const task = review.text.trim() === "" ? null : "waiting";
        insert.run({ ...review, at: now, task });
        sums.plus({ ...review, label: null, sentiment: null });
        return { outcome: "added", review: one(byId.get(review.shop, review.id))! };
      }),
    get: (shop: string, id: string): Review | null => one(byId.get(shop, id)),
    page(shop: string, item: string, n: number, start: PageStart = NEWEST): ReviewPage {
      const { at, id } = start;
      const rows = ofItem.all({ shop, item, at, id, most: n + 1 }) as unknown as ReviewRow[];
      const reviews = rows.slice(0, n).map(reviewOf);
      return { rating: sums.rating(shop, item), reviews, hasMore: rows.length > n };
    },
    written(shop: string, from: number, place = "0") {
      const rows = written.all({ shop, from, place: Number(place) }) as unknown as WrittenRow[];
      return { reviews: rows.map(writtenOf), next: rows.length < PART ? null : String(rows.at(-1)!.number) };
    },
    latestOf: (shop: string, user: string, most: number) =>
      (latestOf.all(shop, user, most) as unknown as WrittenRow[]).map(writtenOf),
    exportUser: (shop: string, user: string): Review[] =>
      (ofUser.all(shop, user) as unknown as ReviewRow[]).map(reviewOf),
    eraseUser(shop: string, user: string): number {
      const erased = atomically(database, () => {
        for (const row of ofUser.all(shop, user)) sums.minus(row as unknown as ReviewRow);
        return Number(erase.run(shop, user).changes);
      });
      // Else the texts would stand in the log for a while yet.
      const { busy } = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() as { busy: number };
      if (busy) throw new Error(STILL_IN_LOG);
      return erased;
    },
  };
}

type WrittenRow = WrittenReview & { number: number };

const writtenOf = ({ number: _, sentiment, ...review }: WrittenRow): WrittenReview => ({
  ...review,
  sentiment: sentiment === null ? null : sentiment / 1e6,
});
