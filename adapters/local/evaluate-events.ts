import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { EVENTS, type EventName } from "../../contracts/interactions.ts";
import { ROW_FILES } from "../../contracts/layout.ts";
import { Problem } from "../../contracts/problem.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { alsKnobsOf } from "../../contracts/settings/als.ts";
import { knobsOf, type Knobs } from "../../contracts/settings/similarity.ts";
import { MAIN_TABLE, TABLES } from "../../contracts/tables.ts";
import {
  byFactors,
  byNeighbours,
  byPopularity,
  evaluate,
  type Quality,
  type Recommend,
  type TestUser,
} from "../../core/evaluation.ts";
import { trainedRows } from "../../core/factors/factor-rows.ts";
import { ItemFactors, type HistoryEntry } from "../../core/factors/item-factors.ts";
import { neighbourTable, type NeighbourTable } from "../../core/model/neighbour-table.ts";
import type { Ratings } from "../../core/ratings/ratings.ts";
import { popularityOrder } from "../../core/ranking/popular.ts";
import { fileLiteral, openDuckDB, parquetFiles, query } from "./duckdb.ts";
import { exportEvents } from "./export/export-events.ts";
import { iterationLine, readWeighted, train } from "./factors/train.ts";
import { codeIds, readHashes, readIds, readRatings } from "./similarity/read-ratings.ts";
import { findNeighbours } from "./similarity/find-neighbours.ts";

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
}

export interface EvaluationHooks {
  progress(fraction: number, message: string): void;
  signal: AbortSignal;
}

export interface Evaluation {
  /** Users with a held-out item; items of training. */
  users: number;
  items: number;
  interactions: number;
  results: { name: string; quality: Quality }[];
}

const ARTICLE_WEIGHTS = { view_item: 0.5, add_to_cart: 2, purchase: 6 };

/** The 2018 article's design, over any other settings: weighted vectors, no shrinkage, no cap. */
const ARTICLE: Partial<Knobs> = {
  mode: "exact",
  vectors: "weighted",
  eventWeights: ARTICLE_WEIGHTS,
  cap: 0,
  minSupport: 1,
  shrinkage: 0,
  alpha: 0.5,
  top: 50,
};

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
    const users = await readTestUsers(db.connection);
    if (users.length === 0) throw nothingToTest(request.holdout);
    hooks.progress(0.6, "scoring");
    const results = await score(db.connection, ids, users, request.settings, hooks);
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

async function readTestUsers(connection: DuckDBConnection): Promise<TestUser[]> {
  const targets = await query<{ user: string; row: number; items: number[] }>(
    connection,
    `SELECT held_out."user", coalesce(user_codes.code, -1) AS row, list(coalesce(item_codes.code, -1)) AS items
     FROM held_out LEFT JOIN item_codes USING (item) LEFT JOIN user_codes USING ("user") GROUP BY ALL ORDER BY 1`,
  );
  const histories = await query<{ user: string; event: EventName; items: number[] }>(
    connection,
    `SELECT training."user", event, list(DISTINCT code) AS items FROM training JOIN item_codes USING (item)
     WHERE "user" IN (SELECT "user" FROM held_out) GROUP BY ALL`,
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

async function score(
  connection: DuckDBConnection,
  ids: string[],
  users: TestUser[],
  settings: Settings,
  hooks: EvaluationHooks,
): Promise<Evaluation["results"]> {
  const { method, events, queryWeights } = TABLES[MAIN_TABLE];
  const tableOf = async (knobs: Knobs) => {
    const ratings = await readRatings(connection, "training", events, knobs);
    const hashes = knobs.mode === "dimsum" ? await readHashes(connection, ids) : undefined;
    const { signal } = hooks;
    const work = { signal, threads: settings.threads, hashes, mayReuse: true };
    const { neighbours } = await findNeighbours(method, ratings, knobs, work);
    return neighbourTable(neighbours);
  };
  const qualityOf = (recommend: Recommend) => evaluate(users, ids.length, recommend);
  const knobs = knobsOf(settings, MAIN_TABLE);
  const ours = await tableOf(knobs);
  const popular = await query<{ users: number }>(
    connection,
    `SELECT count(DISTINCT "user")::INTEGER AS users FROM training GROUP BY item ORDER BY item`,
  );
  const order = popularityOrder(popular.map(({ users }) => users));
  return [
    { name: "neighbours", quality: qualityOf(byNeighbours(ours, settings[queryWeights])) },
    ...(await scoreFactors(connection, ours, settings, hooks, qualityOf)),
    {
      name: "the article's",
      quality: qualityOf(byNeighbours(await tableOf({ ...knobs, ...ARTICLE }), ARTICLE_WEIGHTS)),
    },
    { name: "most popular", quality: qualityOf(byPopularity(order)) },
  ];
}

async function scoreFactors(
  connection: DuckDBConnection,
  table: NeighbourTable,
  settings: Settings,
  { progress, signal }: EvaluationHooks,
  qualityOf: (recommend: Recommend) => Quality,
): Promise<Evaluation["results"]> {
  const knobs = alsKnobsOf(settings);
  if (knobs.factors === 0) return [];
  const ratings = await readWeighted(connection, "training", knobs);
  const { workspace } = await train(ratings, knobs, settings.threads, {
    signal,
    iteration: (k, loss) => progress(0.8 + (0.15 * k) / knobs.iterations, iterationLine(k, knobs, loss)),
  });
  const persons = {
    users: trainedRows(workspace, "users"),
    items: new ItemFactors(trainedRows(workspace, "items"), knobs),
    table,
    weights: settings[TABLES[MAIN_TABLE].queryWeights],
    eventWeights: knobs.eventWeights,
    entriesOf: (user: number) => entriesOf(ratings, user),
  };
  return [
    { name: "factors", quality: qualityOf(byFactors({ ...persons, blend: 1 })) },
    { name: "both", quality: qualityOf(byFactors({ ...persons, blend: settings["als.blend"] })) },
  ];
}

function entriesOf({ rowStart, item, value }: Ratings, user: number): HistoryEntry[] {
  const rows = item.subarray(rowStart[user], rowStart[user + 1]);
  return Array.from(rows, (row, k) => ({ row, weight: value?.[rowStart[user] + k] ?? 1 }));
}

function nothingToTest(holdout: Holdout): Problem {
  const why = holdout.kind === "file" ? "the test file has no rows" : "no user has a purchase to hold out";
  const next = "name a file with the columns user,item (--test), or hold out more (--holdout days=7)";
  return new Problem({ doing: "Evaluating", why, next });
}
