import type { DatabaseSync } from "node:sqlite";

/** Version of what follows. A change needs a new number, and steps from the one before. */
const VERSION = 2;

const LABELS = `CREATE TABLE labels (
  shop TEXT, label TEXT, tenth INTEGER, reviews INTEGER NOT NULL, PRIMARY KEY (shop, label, tenth)
) STRICT, WITHOUT ROWID;`;

/**
 * A review is a row, and its own task: `task` is `waiting`, `rescoring`, `failed`, or null where
 * nothing is to be done. Ratings and labels (by tenths of sentiment) are sums, kept by whoever
 * changes a review. Times are milliseconds, sentiments millionths, so that sums are exact.
 */
const SCHEMA = `
CREATE TABLE reviews (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE, shop TEXT NOT NULL, user TEXT NOT NULL, item TEXT NOT NULL,
  stars INTEGER NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,
  key TEXT, traceparent TEXT NOT NULL,
  task TEXT, due_at INTEGER NOT NULL, lease TEXT, tries INTEGER NOT NULL, faults INTEGER NOT NULL, reason TEXT,
  label TEXT, score REAL, sentiment INTEGER, model TEXT, truncated INTEGER
) STRICT;
CREATE UNIQUE INDEX keys ON reviews (shop, key) WHERE key IS NOT NULL;
CREATE INDEX of_user ON reviews (shop, user, at);
CREATE INDEX of_item ON reviews (shop, item, at, id);
CREATE INDEX tasks ON reviews (shop, task, number) WHERE task IS NOT NULL;
CREATE INDEX tasks_of_item ON reviews (shop, task, item, number) WHERE task IS NOT NULL;
CREATE TABLE ratings (
  shop TEXT, item TEXT, reviews INTEGER NOT NULL, stars INTEGER NOT NULL,
  scored INTEGER NOT NULL, sentiment INTEGER NOT NULL, changed INTEGER NOT NULL,
  PRIMARY KEY (shop, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX changes ON ratings (shop, changed);
${LABELS}
PRAGMA user_version = ${VERSION};
`;

/** Labels were counted without their sentiments. */
const FROM_1 = `
DROP TABLE labels;
${LABELS}
INSERT INTO labels SELECT shop, label, min(sentiment / 100000, 9), count(*) FROM reviews
  WHERE label IS NOT NULL GROUP BY 1, 2, 3;
PRAGMA user_version = ${VERSION};
`;

/**
 * A commit is on the disk before it is answered, and what is deleted is overwritten.
 * @throws when the file is from a later version, or cannot be used
 */
export function prepare(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;");
  atomically(database, () => {
    const version = database.prepare("PRAGMA user_version").get()!["user_version"] as number;
    if (version > VERSION)
      throw new Error(`it was written by a later version of Steamer (${version}): update this one`);
    if (version === 0) database.exec(SCHEMA);
    if (version === 1) database.exec(FROM_1);
  });
}

/** Does all of it or nothing, while nobody else writes. */
export function atomically<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
