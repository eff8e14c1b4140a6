import { Problem } from "../../../contracts/problem.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { WrittenReview } from "../../../day/reviews/review-store.ts";
import { openStoredReviews } from "../../reviews/open-stored.ts";
import { fileLiteral, openDuckDB, query } from "../duckdb.ts";
import { requireProportion } from "../gunzipped.ts";
import { contentOf } from "../export/files/first-bytes.ts";
import { exportReviews } from "../export/export-reviews.ts";

/**
 * Reads the shop's own reviews as a night does, of all times. Writes ReviewRows to `target`.
 * @returns them as a relation for SQL.
 * @throws Problem when there are none, or they cannot be read.
 */
export async function readOwnReviews(
  settings: Settings,
  target: string,
  signal: AbortSignal,
): Promise<string> {
  const { shop, data } = settings;
  const fails = (why: string, cause?: unknown) => {
    const next = "name the shop and its data (--shop, --data, or --config), or a file: --reviews reviews.csv";
    return new Problem({ doing: `Reading the reviews of ${shop}`, why, next, cause });
  };
  const stored = await openStoredReviews(settings);
  try {
    const request = { ...settings, firstDay: "1970-01-01" };
    const counts = stored && (await exportReviews(stored.reviews, request, target, signal));
    if (!counts) throw fails(`there are none in ${data}`);
    return `read_parquet(${fileLiteral(target)})`;
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof Problem ? cause : fails((cause as Error).message, cause);
  } finally {
    await stored?.close?.();
  }
}

/**
 * SQL: reviews, without those of what is held out, and those from after the last day of training:
 * they would give answers away.
 */
export const beforeTest = (reviews: string): string => `(
  SELECT * FROM ${reviews} WHERE ("user", item) NOT IN (SELECT ("user", item) FROM held_out)
    AND "at" < epoch_us((SELECT CAST(max(day) AS DATE) + 1 FROM training)::TIMESTAMP))`;

/**
 * Reads a CSV file of reviews (user, item, stars, sentiment; the later line counts) as a night
 * reads those of the shop. Writes ReviewRows to `target`.
 * @returns them as a relation for SQL.
 * @throws Problem for a file that is not of this kind, or has no reviews.
 */
export async function readReviewsFile(file: string, settings: Settings, target: string): Promise<string> {
  const reviews = await readCsv(file).catch((cause: Error) => {
    if (cause instanceof Problem) throw cause;
    throw unreadable(file, `it cannot be read: ${cause.message.split("\n")[0]}`, cause);
  });
  const wrong = reviews.findIndex(({ stars, sentiment }) => !isValid(stars, sentiment));
  if (wrong >= 0)
    throw unreadable(file, `line ${wrong + 2} has no stars from 1 to 5, or no sentiment from 0 to 1`);
  const written = async () => ({ reviews, next: null });
  const request = { ...settings, firstDay: "1970-01-01" };
  const counts = await exportReviews({ written }, request, target, new AbortController().signal);
  if (!counts) throw unreadable(file, "it has no reviews");
  return `read_parquet(${fileLiteral(target)})`;
}

async function readCsv(file: string): Promise<WrittenReview[]> {
  if ((await contentOf(file)) === "gzip") await requireProportion(reading(file), file);
  const db = await openDuckDB({ threads: 1 });
  try {
    const columns = "{'user': 'VARCHAR', 'item': 'VARCHAR', 'stars': 'INTEGER', 'sentiment': 'DOUBLE'}";
    const rows = await query<Omit<WrittenReview, "id" | "at">>(
      db.connection,
      `FROM read_csv(${fileLiteral(file)}, header = true, columns = ${columns})`,
    );
    return rows.map((row, k) => ({ ...row, id: String(k), at: 0 }));
  } finally {
    db.close();
  }
}

const isValid = (stars: number, sentiment: number | null) =>
  stars >= 1 && stars <= 5 && (sentiment === null || (sentiment >= 0 && sentiment <= 1));

const reading = (file: string) => `Reading the reviews in ${file}`;

function unreadable(file: string, why: string, cause?: unknown): Problem {
  const next = "name a CSV file with the columns user,item,stars,sentiment; the last one may be empty";
  return new Problem({ doing: reading(file), why, next, cause });
}
