import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { PART } from "../../../contracts/layout.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import type { TableName } from "../../../contracts/tables.ts";
import { openDuckDB, query } from "../duckdb.ts";
import type { ExportResult } from "../export/export-events.ts";
import { codeEntries } from "../similarity/entries.ts";
import { codeUsersAndItems, type Ties } from "./codes.ts";
import { detailsOf, type Details } from "./details.ts";
import { Ranks } from "./export-ranks.ts";
import { readInteractions } from "./read-interactions.ts";
import { beforeTest, readOwnReviews, readReviewsFile } from "./reviews.ts";
import { score, type Against, type EvaluationHooks, type Result, type Scoring } from "./scores.ts";
import { checkTestFile, split, type Holdout, type Split } from "./split.ts";
import { readTestUsers } from "./test-users.ts";
import { scoreWithReviews } from "./with-reviews.ts";

export interface EvaluationRequest {
  settings: Settings;
  /** Other settings of neighbours, to compare with on the same split. */
  against?: Against;
  /** "all": every day of the events. */
  days: number | "all";
  holdout: Holdout;
  /** The table whose neighbours are measured. */
  scenario: TableName;
  ties: Ties;
  /** A CSV file with the columns user, item, stars, sentiment; true: the reviews of the shop. */
  reviews?: string | true;
  /** Adds `details` to the evaluation. */
  details?: boolean;
  /** A folder that gets what another program needs to score the same lists: see `Ranks`. */
  exportRanks?: string;
}

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
 * Splits a shop's events, trains on one part, and scores recommendations on the other. It compares
 * the given settings, factors and their blend with neighbours, the 2018 article, and popularity.
 * @throws Problem when there is nothing to test on.
 */
export async function evaluateEvents(
  request: EvaluationRequest,
  hooks: EvaluationHooks,
): Promise<Evaluation> {
  const folder = await mkdtemp(join(tmpdir(), "steamer-evaluate-"));
  const { settings, holdout } = request;
  const db = await openDuckDB({ threads: settings.threads, temporary: join(folder, "spill") });
  try {
    if (holdout.kind === "file") await checkTestFile(db.connection, holdout.file);
    const { firstDay, lastDay, outsideWindow } = await readInteractions(
      db.connection,
      folder,
      request,
      hooks,
    );
    const test = await split(db.connection, holdout);
    await codeUsersAndItems(db.connection, "training", request.ties);
    hooks.progress(0.6, "scoring");
    const scored = await scoreAll(db.connection, folder, request, hooks);
    const window = { firstDay, lastDay, outsideWindow };
    return { ...scored, ...(await describeTraining(db.connection)), window, test };
  } finally {
    db.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function scoreAll(
  connection: DuckDBConnection,
  folder: string,
  { settings, against, scenario, ties, details, reviews, exportRanks }: EvaluationRequest,
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
