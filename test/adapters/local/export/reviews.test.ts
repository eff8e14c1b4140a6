import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileLiteral, openDuckDB, query, type DuckDB } from "../../../../adapters/local/duckdb.ts";
import { exportReviews } from "../../../../adapters/local/export/export-reviews.ts";
import { openReviewStore } from "../../../../adapters/local/reviews/store.ts";
import type { ReviewRow } from "../../../../contracts/interactions.ts";
import { ratingOf } from "../../../../core/ratings/review-rating.ts";
import { temporaryFolder } from "../../../temporary.ts";

let db: DuckDB;
beforeAll(async () => {
  db = await openDuckDB();
});
afterAll(() => db.close());

const NOW = Date.parse("2026-11-21T12:00:00Z");
const LIMITS = { perItem: 1000, perHour: 1000 };

interface Sent {
  user: string;
  item: string;
  stars: number;
  at?: number;
  sentiment?: number;
}

/** A store of reviews in a data folder, some of them scored. */
async function storeOf(folder: string, sent: Sent[]) {
  const store = openReviewStore(folder, { atOnce: 1, leaseMs: 1, failed: () => {} });
  for (const { user, item, stars, at = NOW, sentiment } of sent) {
    const review = {
      id: crypto.randomUUID(),
      shop: "tea",
      user,
      item,
      stars,
      text: "",
      key: null,
      traceparent: "",
    };
    const text = sentiment === undefined ? "" : "a text";
    await store.reviews.add({ ...review, text }, LIMITS, at);
    for (const task of await store.tasks.take({ shop: "tea" }, 1, NOW, NOW + 60_000)) {
      const scored = { label: "x", score: 1, sentiment: sentiment!, model: "m", truncated: false };
      await store.tasks.score(task, scored);
    }
  }
  return store;
}

async function exported(sent: Sent[]) {
  const folder = temporaryFolder();
  const store = await storeOf(folder, sent);
  const file = join(folder, "out", "part-0.parquet");
  const aliases = { source: "aliases.csv", sha256: "", newIds: new Map([["old-tent", "tent"]]) };
  const request = { shop: "tea", firstDay: "2026-11-20", "reviews.contradiction": 0.2, aliases };
  const counts = await exportReviews(store.reviews, request, file, new AbortController().signal);
  await store.close();
  if (!existsSync(file)) return { counts, rows: null };
  const rows = await query<ReviewRow>(db.connection, `FROM read_parquet(${fileLiteral(file)})`);
  return { counts, rows: rows.map(({ user, item, rating, at }) => [user, item, rating, Number(at)]) };
}

describe("a review's rating", () => {
  it.each([
    [5, null, 1],
    [4, 0.9, 0.5],
    [3, 0, 0],
    [2, 0.5, -0.5],
    [1, null, -1],
    [5, 0.2, 1],
    [5, 0.19, 0],
    [4, 0, 0],
    [1, 0.81, 0],
    [2, 0.8, -0.5],
  ])("of %d stars and the sentiment %d is %d", (stars, sentiment, rating) => {
    expect(ratingOf(stars, sentiment, 0.2)).toBe(rating);
  });
});

describe("the export of reviews", () => {
  it("has a user's latest review of an item, by whichever id, of the window's first day or later", async () => {
    const { counts, rows } = await exported([
      { user: "bob", item: "tent", stars: 5, at: NOW + 1 },
      { user: "ann", item: "old-tent", stars: 5, at: NOW + 1 },
      { user: "ann", item: "tent", stars: 5 },
      { user: "ann", item: "tent", stars: 1, at: NOW + 2 },
      { user: "ann", item: "mug", stars: 1, sentiment: 0.95 },
      { user: "ann", item: "cup", stars: 1, at: Date.parse("2026-11-20") - 1 },
      { user: "ünï\0", item: "cup", stars: 4, at: Date.parse("2026-11-20") },
      // At one millisecond the one that came later counts.
      { user: "cid", item: "mug", stars: 4 },
      { user: "cid", item: "mug", stars: 2 },
    ]);
    expect(counts).toEqual({ rows: 5, positive: 2, negative: 2 });
    expect(rows).toEqual([
      ["ann", "mug", 0, 1000 * NOW],
      ["ann", "tent", -1, 1000 * (NOW + 2)],
      ["bob", "tent", 1, 1000 * (NOW + 1)],
      ["cid", "mug", -0.5, 1000 * NOW],
      ["ünï\0", "cup", 0.5, 1000 * Date.parse("2026-11-20")],
    ]);
  });

  it("has all reviews, however many parts they come in", async () => {
    const parts = 3;
    const ofPart = (place?: string) => {
      const part = Number(place ?? 0);
      const review = (k: number) => ({
        id: `${k}`,
        user: `user-${part}-${k}`,
        item: "mug",
        stars: 5,
        at: NOW,
      });
      const reviews = Array.from({ length: 2500 }, (_, k) => ({ ...review(k), sentiment: null }));
      return { reviews, next: part + 1 < parts ? String(part + 1) : null };
    };
    const file = join(temporaryFolder(), "part-0.parquet");
    const request = { shop: "tea", firstDay: "2026-11-20", "reviews.contradiction": 0.2 };
    const store = { written: async (_shop: string, _from: number, place?: string) => ofPart(place) };
    const counts = await exportReviews(store, request, file, new AbortController().signal);
    expect(counts).toEqual({ rows: 7500, positive: 7500, negative: 0 });
  });

  it("is no file where there are no reviews", async () => {
    expect(await exported([])).toEqual({ counts: undefined, rows: null });
  });
});
