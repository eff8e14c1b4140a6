import { DatabaseSync } from "node:sqlite";

/**
 * Another instance writes for microseconds. A lock that is held for longer is an error, not a wait.
 */
const BUSY_MS = 250;

/** A task that has waited for a day is of a model that answers no more. */
const LONGEST_WAIT_MS = 86_400_000;

const SCHEMA = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS lists (key TEXT PRIMARY KEY, list TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS expiring ON lists (expires_at);
CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tasks (
  key TEXT PRIMARY KEY, shop TEXT NOT NULL, task TEXT NOT NULL,
  enqueued_at INTEGER NOT NULL, leased_until INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS waiting ON tasks (shop, enqueued_at);
`;

/** A shop's tasks, and how many of them nobody works on. */
export interface ShopTasks {
  shop: string;
  tasks: number;
  due: number;
  oldestAt: number;
}

/**
 * Lists, claims and tasks in one SQLite file, which the instances of a machine share. Each
 * statement is a transaction. Times are milliseconds, and come in as arguments.
 */
export function openTables(path: string) {
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    database.exec(SCHEMA);
    return { ...tablesOf(database), close: () => database.close() };
  } catch (error) {
    database.close();
    throw error;
  }
}

function tablesOf(database: DatabaseSync) {
  const statement = (sql: string) => database.prepare(sql);
  const get = statement("SELECT list FROM lists WHERE key = ? AND expires_at > ?");
  const put = statement(`INSERT OR REPLACE INTO lists SELECT :key, :list, :expiresAt
    WHERE EXISTS (SELECT 1 FROM claims WHERE key = :key AND holder = :holder)`);
  const putAll = statement(
    "INSERT OR REPLACE INTO lists SELECT value ->> 0, value ->> 1, :expiresAt FROM json_each(:lists)",
  );
  const deleteAll = statement("DELETE FROM lists WHERE key IN (SELECT value FROM json_each(?))");
  const claim = statement(`INSERT INTO claims VALUES (:key, :holder, :until) ON CONFLICT (key)
    DO UPDATE SET holder = :holder, expires_at = :until WHERE expires_at <= :now`);
  const renew = statement("UPDATE claims SET expires_at = :until WHERE key = :key AND holder = :holder");
  const release = statement("DELETE FROM claims WHERE key = ? AND holder = ?");
  const has = statement("SELECT 1 FROM tasks WHERE key = ?");
  // Who enqueues holds the claim: a task that waited until its claim expired is theirs now.
  const enqueue = statement(`INSERT INTO tasks SELECT :key, :shop, :task, :now, 0
    WHERE (SELECT count(*) FROM tasks WHERE shop = :shop) < :most OR EXISTS (SELECT 1 FROM tasks WHERE key = :key)
    ON CONFLICT (key) DO UPDATE SET task = :task WHERE leased_until <= :now`);
  const take = statement(`UPDATE tasks SET leased_until = :until WHERE key IN (
    SELECT key FROM tasks WHERE shop = :shop AND leased_until <= :now ORDER BY enqueued_at LIMIT :most
  ) RETURNING key, task`);
  const giveBack = statement("UPDATE tasks SET leased_until = 0 WHERE key = ?");
  const finish = statement("DELETE FROM tasks WHERE key = ?");
  const state = statement(`SELECT shop, count(*) AS tasks, sum(leased_until <= ?) AS due,
    min(enqueued_at) AS oldestAt FROM tasks GROUP BY shop`);
  const purge = [
    statement("DELETE FROM lists WHERE expires_at <= ?"),
    // A task that waits will renew its claim.
    statement("DELETE FROM claims WHERE expires_at <= ? AND key NOT IN (SELECT key FROM tasks)"),
  ];
  const abandon = statement("DELETE FROM tasks WHERE enqueued_at <= ?");
  // A key is a JSON text, see textOfKey. Nobody waits for these, so they need no index.
  const isOfUser = "key ->> 0 = :shop AND key ->> 3 = :user";
  const ofUser = statement(
    `SELECT key, list FROM lists WHERE ${isOfUser} AND expires_at > :now ORDER BY key`,
  );
  const tasksOf = statement(`SELECT task FROM tasks WHERE ${isOfUser} ORDER BY key`);
  // Claims first: without them nothing is stored any more.
  const forget = ["claims", "tasks", "lists"].map((table) =>
    statement(`DELETE FROM ${table} WHERE ${isOfUser}`),
  );

  return {
    get: (key: string, now: number) => (get.get(key, now)?.["list"] ?? null) as string | null,
    put(key: string, holder: string, list: string, expiresAt: number) {
      const isStored = put.run({ key, holder, list, expiresAt }).changes === 1;
      if (isStored) release.run(key, holder);
      return isStored;
    },
    /** Stores all or none, whoever has claimed them. */
    putAll: (lists: readonly (readonly [key: string, list: string])[], expiresAt: number) =>
      void putAll.run({ lists: JSON.stringify(lists), expiresAt }),
    deleteAll: (keys: readonly string[]) => void deleteAll.run(JSON.stringify(keys)),
    claim: (key: string, holder: string, now: number, until: number) =>
      claim.run({ key, holder, now, until }).changes === 1,
    renew: (key: string, holder: string, until: number) => renew.run({ key, holder, until }).changes === 1,
    release: (key: string, holder: string) => void release.run(key, holder),
    /** False: the shop has `most` other tasks already. */
    enqueue: (key: string, shop: string, task: string, now: number, most: number) =>
      enqueue.run({ key, shop, task, now, most }).changes === 1 || has.get(key) !== undefined,
    /** Leases tasks that nobody works on, the oldest first. */
    take: (shop: string, most: number, now: number, until: number) =>
      take.all({ shop, most, now, until }) as { key: string; task: string }[],
    giveBack: (keys: string[]) => keys.forEach((key) => giveBack.run(key)),
    finish: (key: string) => void finish.run(key),
    state: (now: number) => state.all(now) as unknown as ShopTasks[],
    ofUser: (shop: string, user: string, now: number) =>
      ofUser.all({ shop, user, now }) as { key: string; list: string }[],
    tasksOf: (shop: string, user: string) => tasksOf.all({ shop, user }).map(({ task }) => task as string),
    /** The number of tasks and lists. */
    forget(shop: string, user: string) {
      const [, tasks, lists] = forget.map((each) => Number(each.run({ shop, user }).changes));
      return tasks + lists;
    },
    /** Forgets what has expired, and tasks of shops that nobody serves any more. */
    purge(now: number) {
      for (const each of purge) each.run(now);
      abandon.run(now - LONGEST_WAIT_MS);
    },
  };
}
