import { reviewKnobsOf } from "../../../contracts/settings/reviews.ts";
import { comparedWith } from "../../../core/evaluation/quality.ts";
import { query } from "../duckdb.ts";
import { codeEntries } from "../similarity/entries.ts";
import { readShares, withReviews } from "../similarity/with-reviews.ts";
import { score, type Result, type Scoring } from "./scores.ts";
import { readTestUsers } from "./test-users.ts";

/**
 * Trains and measures once more with reviews, against the same without.
 * @param reviews ReviewRows, as a relation for SQL
 */
export async function scoreWithReviews(work: Scoring, without: Result[], reviews: string): Promise<Result[]> {
  const { connection, settings } = work;
  const reviewed = await withReviews(
    connection,
    { interactions: "training", reviews },
    reviewKnobsOf(settings),
  );
  const disliked = await query<{ row: number; items: number[] }>(
    connection,
    `SELECT user_codes.code AS row, list(item_codes.code) AS items
     FROM disliked JOIN user_codes USING ("user") JOIN item_codes USING (item) GROUP BY ALL`,
  );
  const dislikedBy = new Map(disliked.map(({ row, items }) => [row, items]));
  await codeEntries(connection, reviewed.interactions);
  const users = await readTestUsers(connection);
  const others = users.map((user) => ({ ...user, disliked: dislikedBy.get(user.row) ?? [] }));
  const share = await readShares(connection);
  const found = await score(work, { users: others, share });
  return found.map((result) => {
    const before = without.find(({ name }) => `${name}, with reviews` === result.name)!;
    return comparedWith(before, result);
  });
}
