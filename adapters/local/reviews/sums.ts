import type { DatabaseSync } from "node:sqlite";
import { ratingOf, tenthOf, type RatingSums } from "../../../day/reviews/rating-sums.ts";
import { SENTIMENT_PARTS, type RatingChanges, type ReviewCounts } from "../../../day/reviews/review-store.ts";

/** Ratings that are read at once: requests come in between. */
const PART = 5000;

/** What a review adds to the sums of its item. */
export interface Summand {
  shop: string;
  item: string;
  stars: number;
  /** Null: it has not been scored. */
  label: string | null;
  /** In millionths. */
  sentiment: number | null;
}

interface RatingRow extends RatingSums {
  item: string;
  changed: number;
}

interface LabelRow {
  label: string;
  tenth: number;
  reviews: number;
}

/**
 * Ratings of items, and reviews by label and sentiment. Changes are for callers within a
 * transaction.
 */
export function sumsOf(database: DatabaseSync) {
  const add = database.prepare(`INSERT INTO ratings
    SELECT :shop, :item, :reviews, :stars, :scored, :sentiment,
      coalesce((SELECT max(changed) FROM ratings WHERE shop = :shop), 0) + 1
    WHERE true ON CONFLICT DO UPDATE SET reviews = reviews + excluded.reviews,
      stars = stars + excluded.stars, scored = scored + excluded.scored,
      sentiment = sentiment + excluded.sentiment, changed = excluded.changed`);
  const count = database.prepare(`INSERT INTO labels VALUES (:shop, :label, :tenth, :by)
    ON CONFLICT DO UPDATE SET reviews = reviews + :by`);
  const ofItem = database.prepare("SELECT * FROM ratings WHERE shop = ? AND item = ?");
  const since = database.prepare(
    `SELECT * FROM ratings WHERE shop = ? AND changed > ? ORDER BY changed LIMIT ${PART}`,
  );
  const labels = database.prepare("SELECT label, tenth, reviews FROM labels WHERE shop = ? AND reviews > 0");

  function change({ shop, item, stars, label, sentiment }: Summand, by: 1 | -1): void {
    const isScored = label !== null;
    add.run({
      shop,
      item,
      reviews: by,
      stars: by * stars,
      scored: isScored ? by : 0,
      sentiment: isScored ? by * sentiment! : 0,
    });
    if (isScored) count.run({ shop, label, tenth: tenthOf(sentiment!), by });
  }

  return {
    plus: (summand: Summand) => change(summand, 1),
    minus: (summand: Summand) => change(summand, -1),
    rating: (shop: string, item: string) => ratingOf(ofItem.get(shop, item) as RatingRow | undefined),
    changes(shop: string, after = "0"): RatingChanges {
      const rows = since.all(shop, Number(after)) as unknown as RatingRow[];
      return {
        changes: rows.map((row) => [row.item, ratingOf(row)]),
        until: String(rows.at(-1)?.changed ?? after),
        hasMore: rows.length === PART,
      };
    },
    scored(shop: string): Pick<ReviewCounts, "byLabel" | "bySentiment"> {
      const byLabel: Record<string, number> = {};
      const bySentiment = Array.from({ length: SENTIMENT_PARTS }, () => 0);
      for (const { label, tenth, reviews } of labels.all(shop) as unknown as LabelRow[]) {
        byLabel[label] = (byLabel[label] ?? 0) + reviews;
        bySentiment[tenth] += reviews;
      }
      return { byLabel, bySentiment };
    },
  };
}
