import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import type { ErasedUsers } from "../../../contracts/erased-list.ts";
import type { ItemAliases } from "../../../contracts/item-aliases.ts";
import type { ReviewCounts } from "../../../contracts/metrics.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { ratingOf } from "../../../core/ratings/review-rating.ts";
import type { Reviews } from "../../../day/reviews/review-store.ts";
import { loadErased, withErased } from "../erased.ts";
import { ITEM_NOW, loadNewIds, withNewIds } from "../new-ids.ts";
import { appendTable, CHUNK_ROWS, literal, openDuckDB, query } from "../duckdb.ts";

export interface ReviewRequest extends Pick<Settings, "shop" | "reviews.contradiction"> {
  /** The window's first day, in UTC. It has no end: what is known when the night runs counts. */
  firstDay: string;
  /** What they wrote before their erasure does not count. */
  erased?: ErasedUsers;
  /** Ids that items had once. */
  aliases?: ItemAliases;
}

/**
 * Writes ReviewRows to a Parquet file, sorted by user and item. Of a user's reviews
 * of an item the latest counts. Where there are none it writes no file, and returns undefined.
 * Texts are not kept, and parts go to the database as they come: a row takes some hundred bytes of
 * memory.
 */
export async function exportReviews(
  reviews: Pick<Reviews, "written">,
  request: ReviewRequest,
  file: string,
  signal: AbortSignal,
): Promise<ReviewCounts | undefined> {
  const db = await openDuckDB({ threads: 1 });
  try {
    await appendTable(db.connection, "written", COLUMNS, chunks(reviews, request, signal));
    const haveNewIds = await loadNewIds(db.connection, request.aliases);
    const rows = haveNewIds
      ? `(SELECT * REPLACE (${ITEM_NOW} AS item) FROM ${withNewIds("written")})`
      : "written";
    const haveErased = await loadErased(db.connection, request.erased);
    const kept = haveErased ? `${withErased(rows)} WHERE erased_at IS NULL OR "at" * 1000 > erased_at` : rows;
    await db.connection.run(`
      CREATE TEMP TABLE latest AS
      SELECT "user", item, unnest(max(struct_pack("at" := "at", place := place, rating := rating)))
      FROM ${kept} GROUP BY "user", item`);
    const counts = await countRatings(db.connection, "latest");
    if (counts.rows === 0) return undefined;
    await mkdir(dirname(file), { recursive: true });
    await db.connection.run(`
      COPY (SELECT "user", item, rating, ("at" * 1000)::BIGINT AS "at" FROM latest ORDER BY "user", item)
      TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`);
    return counts;
  } finally {
    db.close();
  }
}

/** Counts ReviewRows. */
export async function countRatings(connection: DuckDBConnection, rows: string): Promise<ReviewCounts> {
  const counts = `count(*)::INTEGER AS rows, (count(*) FILTER (rating > 0))::INTEGER AS positive,
    (count(*) FILTER (rating < 0))::INTEGER AS negative`;
  return (await query<ReviewCounts>(connection, `SELECT ${counts} FROM ${rows}`))[0];
}

const COLUMNS = {
  user: "VARCHAR",
  item: "VARCHAR",
  rating: "DOUBLE",
  at: "DOUBLE",
  place: "INTEGER",
} as const;

async function* chunks(
  reviews: Pick<Reviews, "written">,
  { shop, firstDay, "reviews.contradiction": contradiction }: ReviewRequest,
  signal: AbortSignal,
) {
  let place: string | undefined;
  let read = 0;
  do {
    signal.throwIfAborted();
    const { reviews: written, next } = await reviews.written(shop, Date.parse(firstDay), place);
    for (let from = 0; from < written.length; from += CHUNK_ROWS) {
      const part = written.slice(from, from + CHUNK_ROWS);
      yield [
        part.map(({ user }) => user),
        part.map(({ item }) => item),
        part.map(({ stars, sentiment }) => ratingOf(stars, sentiment, contradiction)),
        part.map(({ at }) => at),
        part.map(() => read++),
      ];
    }
    place = next ?? undefined;
  } while (place !== undefined);
}
