import { DatabaseSync } from "node:sqlite";
import { reviewRowsOf } from "./review-rows.ts";
import { prepare } from "./schema.ts";
import { sumsOf } from "./sums.ts";
import { taskRowsOf } from "./task-rows.ts";

/** Another instance writes for milliseconds. A lock that is held for longer is an error. */
const BUSY_MS = 1_000;

/** SQLITE_CORRUPT, SQLITE_NOTADB */
const DAMAGED = [11, 26];

/** Reviews and their tasks in one SQLite file, which the instances of a machine share. */
export function openTables(path: string) {
  return explained(() => {
    const database = new DatabaseSync(path, { timeout: BUSY_MS });
    try {
      prepare(database);
      const sums = sumsOf(database);
      const tables = {
        ...reviewRowsOf(database, sums),
        ...taskRowsOf(database, sums),
        ratings: sums.changes,
      };
      return { ...explainedAll(tables), close: () => database.close() };
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

type Call = (...args: never[]) => unknown;

const explainedAll = <T extends Record<string, Call>>(calls: T): T =>
  Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [name, (...args: never[]) => explained(() => call(...args))]),
  ) as T;

/** Says what to do about a damaged file. It is never replaced: reviews are nowhere else. */
function explained<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { errcode = 0, message } = error as { errcode?: number; message: string };
    if (!DAMAGED.includes(errcode & 0xff)) throw error;
    const next =
      "stop the recommenders, then put a backup in its place, or save what can be read: sqlite3 .recover";
    throw Object.assign(new Error(`the file is damaged (${message}): ${next}`), { errcode });
  }
}
