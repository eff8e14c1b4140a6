import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS, REVIEW, type EventName } from "../../contracts/interactions.ts";
import { PART, ROW_FILES } from "../../contracts/layout.ts";
import { Problem } from "../../contracts/problem.ts";
import { reviewKnobsOf } from "../../contracts/settings/reviews.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { gainOf, type TestUser } from "../../core/evaluation.ts";
import { fileLiteral, openDuckDB, parquetFiles, query } from "./duckdb.ts";
import { readReviewsFile } from "./evaluate-reviews.ts";
import { score, type EvaluationHooks, type Result, type Scoring } from "./evaluate-scores.ts";
import { exportEvents } from "./export/export-events.ts";
import { codeIds, readIds } from "./similarity/read-ratings.ts";
import { readShares, withReviews } from "./similarity/with-reviews.ts";

/**
 * The test set: a file of (user, item), each user's last purchase, or the purchases of the last
 * days.
 */
export type Holdout =
  { kind: "file"; file: string } | { kind: "last-purchase" } | { kind: "days"; days: number };

export interface EvaluationRequest {
  settings: Settings;
  /** "all": every day of the events. */
  days: number | "all";
  holdout: Holdout;
  /** A CSV file with the columns user, item, stars, sentiment. */
  reviews?: string;
}

export interface Evaluation {
  /** Users with a held-out item; items of training. */
  users: number;
  items: number;
  interactions: number;
  results: Result[];
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
  const db = await openDuckDB({ threads: request.settings.threads, temporary: join(folder, "spill") });
  try {
    if (request.holdout.kind === "file") await checkTestFile(db.connection, request.holdout.file);
    const interactions = await readInteractions(db.connection, folder, request, hooks);
    await split(db.connection, request.holdout);
    await codeIds(db.connection, "training", "item");
    await codeIds(db.connection, "training", "user");
    const ids = await readIds(db.connection, "item");
    const users = await readTestUsers(db.connection, "training");
    if (users.length === 0) throw nothingToTest(request.holdout);
    hooks.progress(0.6, "scoring");
    const work = { connection: db.connection, ids, settings: request.settings, hooks };
    const without = await score(work, { interactions: "training", users });
    const results = request.reviews
      ? [...without, ...(await scoreWithReviews(work, without, { users, folder, file: request.reviews }))]
      : without;
    return { users: users.length, items: ids.length, interactions, results };
  } finally {
    db.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function readInteractions(
  connection: DuckDBConnection,
  folder: string,
  { settings, days }: EvaluationRequest,
  { progress, signal }: EvaluationHooks,
): Promise<number> {
  const target = {
    attempt: "1",
    interactions: join(folder, "interactions"),
    items: join(folder, "items"),
    rejects: join(folder, "rejects.csv"),
    temporary: join(folder, "temporary"),
  };
  const part = { signal, progress: (fraction: number, message: string) => progress(0.5 * fraction, message) };
  const { interactions } = await exportEvents({ ...settings, days }, target, part);
  await connection.run(
    `CREATE VIEW interactions AS FROM ${parquetFiles([target.interactions], `**/${ROW_FILES.parquet}`)}`,
  );
  return interactions;
}

async function checkTestFile(connection: DuckDBConnection, file: string): Promise<void> {
  const fails = (why: string, cause?: unknown) =>
    new Problem({
      doing: `Reading the test file ${file}`,
      why,
      next: "name a CSV file with the columns user,item",
      cause,
    });
  const columns = await query<{ column_name: string }>(connection, `DESCRIBE FROM ${testFile(file)}`).catch(
    (cause) => {
      throw fails(`it cannot be read: ${(cause as Error).message.split("\n")[0]}`, cause);
    },
  );
  const names = columns.map(({ column_name }) => column_name);
  if (!names.includes("user") || !names.includes("item"))
    throw fails(`it has the columns ${names.join(", ")}`);
}

const testFile = (file: string) => `read_csv(${fileLiteral(file)}, header = true, all_varchar = true)`;

/** Makes the tables `training` (interactions) and `held_out` (user, item). */
async function split(connection: DuckDBConnection, holdout: Holdout): Promise<void> {
  await connection.run(`CREATE TEMP TABLE held_out AS ${heldOut(holdout)}`);
  const isTraining = {
    file: "true",
    // The user's earlier events with the item would give the answer away.
    "last-purchase": `("user", item) NOT IN (SELECT ("user", item) FROM held_out)`,
    days: holdout.kind === "days" ? `day <= ${lastTrainingDay(holdout.days)}` : "true",
  }[holdout.kind];
  await connection.run(`CREATE TEMP TABLE training AS SELECT * FROM interactions WHERE ${isTraining}`);
  if (holdout.kind === "days") {
    // A recommendation never repeats a user's own items, and a user unknown to training gets none.
    await connection.run(`
      DELETE FROM held_out WHERE ("user", item) IN (SELECT ("user", item) FROM training)
        OR "user" NOT IN (SELECT "user" FROM training)`);
  }
}

const lastTrainingDay = (days: number) =>
  `(SELECT CAST(CAST(max(day) AS DATE) - INTERVAL ${days} DAY AS DATE)::VARCHAR FROM interactions)`;

function heldOut(holdout: Holdout): string {
  if (holdout.kind === "file") {
    return `SELECT DISTINCT "user", item FROM ${testFile(holdout.file)}`;
  }
  const purchases = `FROM interactions WHERE event = 'purchase'`;
  if (holdout.kind === "days") {
    return `SELECT DISTINCT "user", item ${purchases} AND day > ${lastTrainingDay(holdout.days)}`;
  }
  return `SELECT "user", arg_max(item, {'at': lastAt, 'id': item}) AS item ${purchases} GROUP BY "user"`;
}

/** With reviews, against the same without. */
async function scoreWithReviews(
  work: Scoring,
  without: Result[],
  { users, folder, file }: { users: TestUser[]; folder: string; file: string },
): Promise<Result[]> {
  const { connection, settings } = work;
  const reviews = await readReviewsFile(file, settings, join(folder, "reviews", PART));
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
  const histories = await readTestUsers(connection, reviewed.interactions);
  // Both have the users in the order of their ids.
  const others = users.map((user, k) => {
    return { ...user, history: histories[k].history, disliked: dislikedBy.get(user.row) ?? [] };
  });
  const share = await readShares(connection);
  const found = await score(work, { interactions: reviewed.interactions, users: others, share });
  return found.map(({ name, quality, each }) => {
    const before = without.find((result) => result.name === name)!;
    return { name: `${name}, with reviews`, quality, each, gain: gainOf(before.each, each) };
  });
}

async function readTestUsers(connection: DuckDBConnection, interactions: string): Promise<TestUser[]> {
  const targets = await query<{ user: string; row: number; items: number[] }>(
    connection,
    `SELECT held_out."user", coalesce(user_codes.code, -1) AS row, list(coalesce(item_codes.code, -1)) AS items
     FROM held_out LEFT JOIN item_codes USING (item) LEFT JOIN user_codes USING ("user") GROUP BY ALL ORDER BY 1`,
  );
  const histories = await query<{ user: string; event: EventName; items: number[] }>(
    connection,
    `SELECT "user", event, list(DISTINCT code) AS items FROM ${interactions} JOIN item_codes USING (item)
     WHERE "user" IN (SELECT "user" FROM held_out) AND event <> '${REVIEW}' GROUP BY ALL`,
  );
  const users = new Map<string, TestUser>();
  for (const { user, row, items } of targets) {
    users.set(user, {
      row,
      targets: items,
      history: Object.fromEntries(EVENTS.map((event) => [event, []])) as never,
    });
  }
  for (const { user, event, items } of histories) users.get(user)!.history[event] = items;
  return [...users.values()];
}

function nothingToTest(holdout: Holdout): Problem {
  const why = holdout.kind === "file" ? "the test file has no rows" : "no user has a purchase to hold out";
  const next = "name a file with the columns user,item (--test), or hold out more (--holdout days=7)";
  return new Problem({ doing: "Evaluating", why, next });
}
