import type { DuckDBConnection } from "@duckdb/node-api";
import { Problem } from "../../../contracts/problem.ts";
import { fileLiteral, query } from "../duckdb.ts";

/**
 * The test set: a file of (user, item), each user's last order, or the purchases of the last days.
 */
export type Holdout =
  { kind: "file"; file: string } | { kind: "last-purchase" } | { kind: "days"; days: number };

/** What became of the test's rows: pairs of a user and an item, each once. */
export interface Split {
  rows: number;
  /** Left out: nobody can answer for a user without a history. */
  unknownUsers: number;
  /** Left out: an answer never repeats what the user had. */
  hadBefore: number;
  /** Of the rows that are left, those whose item training has; all others are misses. */
  canBeHit: number;
  /** Users whose last order has several items. They are all held out. */
  severalInLastOrder: number;
}

/**
 * Makes the tables `training` (interactions) and `held_out` (user, item) from `interactions`.
 * However the test set was found, the same rows are left out of it.
 * @throws Problem when nothing is left.
 */
export async function split(connection: DuckDBConnection, holdout: Holdout): Promise<Split> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE test_rows AS ${testRows(holdout)}`);
  const isTraining = {
    file: "true",
    // The user's earlier events with the item would give the answer away.
    "last-purchase": `("user", item) NOT IN (SELECT ("user", item) FROM test_rows)`,
    days: holdout.kind === "days" ? `day <= ${lastTrainingDay(holdout.days)}` : "true",
  }[holdout.kind];
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE training AS SELECT * FROM interactions WHERE ${isTraining}`,
  );
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE sorted_rows AS
    SELECT "user", item, "user" IN (SELECT "user" FROM training) AS is_known,
      ("user", item) IN (SELECT ("user", item) FROM training) AS had_before,
      item IN (SELECT item FROM training) AS has_item
    FROM test_rows`);
  await connection.run(`
    CREATE OR REPLACE TEMP TABLE held_out AS SELECT "user", item FROM sorted_rows WHERE is_known AND NOT had_before`);
  const [found] = await query<Split>(
    connection,
    `SELECT count(*)::INTEGER AS rows, (count(*) FILTER (NOT is_known))::INTEGER AS "unknownUsers",
      (count(*) FILTER (had_before))::INTEGER AS "hadBefore",
      (count(*) FILTER (is_known AND NOT had_before AND has_item))::INTEGER AS "canBeHit",
      0 AS "severalInLastOrder"
    FROM sorted_rows`,
  );
  if (found.rows === found.unknownUsers + found.hadBefore) throw nothingToTest(holdout, found);
  if (holdout.kind !== "last-purchase") return found;
  const [{ users }] = await query<{ users: number }>(
    connection,
    `SELECT count(*)::INTEGER AS users FROM (SELECT "user" FROM test_rows GROUP BY ALL HAVING count(*) > 1)`,
  );
  return { ...found, severalInLastOrder: users };
}

/** SQL: the last day of training, where `days` are held out. */
export const lastTrainingDay = (days: number) =>
  `(SELECT CAST(CAST(max(day) AS DATE) - INTERVAL ${days} DAY AS DATE)::VARCHAR FROM interactions)`;

function testRows(holdout: Holdout): string {
  if (holdout.kind === "file") {
    return `SELECT DISTINCT "user", item FROM ${testFile(holdout.file)} WHERE "user" IS NOT NULL AND item IS NOT NULL`;
  }
  const purchases = `FROM interactions WHERE event = 'purchase'`;
  if (holdout.kind === "days") {
    return `SELECT DISTINCT "user", item ${purchases} AND day > ${lastTrainingDay(holdout.days)}`;
  }
  // All that the user bought at one time: no name of an item decides which of them is the last.
  return `SELECT "user", item ${purchases} QUALIFY "lastAt" = max("lastAt") OVER (PARTITION BY "user")`;
}

/** @throws Problem for a file that has not the columns user and item. */
export async function checkTestFile(connection: DuckDBConnection, file: string): Promise<void> {
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

function nothingToTest({ kind }: Holdout, { rows, unknownUsers, hadBefore }: Split): Problem {
  const counted = (value: number) => value.toLocaleString("en");
  const why =
    rows > 0
      ? `none of the test's ${counted(rows)} rows can be asked: training does not know the users of ${counted(unknownUsers)}, and the users of ${counted(hadBefore)} had the item before`
      : kind === "file"
        ? "the test file has no rows"
        : "no user has a purchase to hold out";
  const next =
    kind === "file"
      ? "name a file of what the events' users did after these events (--test)"
      : "name a file with the columns user,item (--test), or hold out other days (--holdout days=7)";
  return new Problem({ doing: "Evaluating", why, next });
}
