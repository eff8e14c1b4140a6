import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { PART } from "../../../contracts/layout.ts";
import { query } from "../duckdb.ts";
import type { ExportResult } from "../export/export-events.ts";
import { codeEntries } from "../similarity/entries.ts";
import { codeUsersAndItems } from "./codes.ts";
import { detailsOf, type Details } from "./details.ts";
import type { OneSplit } from "./evaluate-events.ts";
import { Ranks } from "./export-ranks.ts";
import { beforeTest, readOwnReviews, readReviewsFile } from "./reviews.ts";
import { score, type EvaluationHooks, type Result, type Scoring } from "./scores.ts";
import { split, type Holdout, type Split } from "./split.ts";
import { readTestUsers } from "./test-users.ts";
import { scoreWithReviews } from "./with-reviews.ts";

export interface Evaluation {
  /** Users with a held-out item; items of training. */
  users: number;
  items: number;
  /** The rows that were trained on, one for each user, item, event and day; and their days. */
  interactions: number;
  training: { users: number; firstDay: string; lastDay: string };
  /** The days that were read, and rows outside of them. */
  window: Pick<ExportResult, "firstDay" | "lastDay" | "outsideWindow">;
  test: Split;
  results: Result[];
  details?: Details;
}

/**
 * Splits the view `interactions`, trains on one part, and scores on the other.
 * @throws Problem when there is nothing to test on.
 */
export async function evaluateSplit(
  connection: DuckDBConnection,
  folder: string,
  holdout: Holdout,
  request: OneSplit,
  hooks: EvaluationHooks,
): Promise<Omit<Evaluation, "window">> {
  const test = await split(connection, holdout);
  await codeUsersAndItems(connection, "training", request.ties);
  hooks.progress(0.6, "scoring");
  const scored = await scoreAll(connection, folder, request, hooks);
  return { ...scored, ...(await describeTraining(connection)), test };
}

async function scoreAll(
  connection: DuckDBConnection,
  folder: string,
  { settings, against, scenario, ties, details, reviews, exportRanks }: OneSplit,
  hooks: EvaluationHooks,
): Promise<Pick<Evaluation, "users" | "items" | "results" | "details">> {
  await codeEntries(connection, "training");
  const users = await readTestUsers(connection);
  const [{ items }] = await query<{ items: number }>(
    connection,
    "SELECT count(*)::INTEGER AS items FROM item_codes",
  );
  const ranks = exportRanks === undefined && !details ? undefined : new Ranks(users);
  const work: Scoring = { connection, items, settings, against, scenario, ties, ranks, hooks };
  const results = await score(work, { users });
  const found = details ? { details: await detailsOf(connection, users, ranks!) } : {};
  if (reviews !== undefined) {
    const target = join(folder, "reviews", PART);
    const rows =
      reviews === true
        ? await readOwnReviews(settings, target, hooks.signal)
        : await readReviewsFile(reviews, settings, target);
    results.push(...(await scoreWithReviews(work, results, beforeTest(rows))));
  }
  if (exportRanks !== undefined) await ranks!.write(connection, exportRanks);
  return { users: users.length, items, results, ...found };
}

async function describeTraining(
  connection: DuckDBConnection,
): Promise<Pick<Evaluation, "interactions" | "training">> {
  const [{ interactions, ...training }] = await query<Evaluation["training"] & { interactions: number }>(
    connection,
    `SELECT count(*)::INTEGER AS interactions, count(DISTINCT "user")::INTEGER AS users,
      min(day) AS "firstDay", max(day) AS "lastDay" FROM training`,
  );
  return { interactions, training };
}
