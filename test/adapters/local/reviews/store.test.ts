import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { openReviewStore } from "../../../../adapters/local/reviews/store.ts";
import { openTables } from "../../../../adapters/local/reviews/tables.ts";
import { paths } from "../../../../contracts/layout.ts";
import { reviewStoreSuite } from "../../../day/reviews/store.suite.ts";
import { temporaryFolder } from "../../../temporary.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => void (await Promise.all(open.splice(0).map((each) => each.close()))));

function opened(folder: string, failed: (error: unknown) => void = () => {}) {
  const store = openReviewStore(folder, { atOnce: 4, leaseMs: 60_000, failed });
  open.push(store);
  return store;
}

reviewStoreSuite(() => {
  const folder = temporaryFolder();
  return [opened(folder), opened(folder)];
});

const review = {
  id: "00000000-0000-4000-8000-000000000001",
  shop: "toys",
  user: "ann",
  item: "tent",
  stars: 5,
  text: "the secret of ann",
  key: null,
  traceparent: "",
};
const LIMITS = { perItem: 1, perHour: 3 };

describe("the file of reviews", () => {
  it("that is damaged stays as it is, and whoever asks hears what to do", async () => {
    const folder = temporaryFolder();
    const file = join(folder, paths.reviews);
    const damaged = "this is no database, but a text of more than a page".repeat(100);
    writeFileSync(file, damaged);
    const failures: unknown[] = [];
    const store = opened(folder, (error) => failures.push(error));
    await expect(store.reviews.get("toys", "x")).rejects.toThrow(/damaged.*backup/);
    await expect(store.reviews.add(review, LIMITS, 1)).rejects.toThrow(/damaged/);
    expect(store.failing()).toEqual(["reviews"]);
    expect(failures).toHaveLength(1);
    expect(readFileSync(file, "utf8")).toBe(damaged);
  });

  it("is taken up again when a backup has been put in its place", async () => {
    const folder = temporaryFolder();
    const file = join(folder, paths.reviews);
    const first = opened(folder);
    await first.reviews.add(review, LIMITS, 1);
    await first.close();
    const backup = readFileSync(file);
    writeFileSync(file, "x".repeat(9000));
    const store = opened(folder);
    await expect(store.reviews.get("toys", review.id)).rejects.toThrow(/damaged/);
    writeFileSync(file, backup);
    await expect
      .poll(() => store.reviews.get("toys", review.id).catch(() => null))
      .toMatchObject({ stars: 5 });
  });

  it("of a later version is not touched", () => {
    const file = join(temporaryFolder(), paths.reviews);
    const later = new DatabaseSync(file);
    later.exec("PRAGMA user_version = 99");
    later.close();
    expect(() => openTables(file)).toThrow(/later version of Steamer/);
  });

  it("of the version before is taken over, with what it had counted", async () => {
    const folder = temporaryFolder();
    const file = join(folder, paths.reviews);
    const now = openTables(file);
    for (const [k, sentiment] of [0, 0.3, 1].entries()) {
      now.add({ ...review, id: review.id.replace("1", `${k}`), item: `${k}` }, LIMITS, 1);
      const [task] = now.take({ shop: "toys" }, 1, 1, 2);
      now.score(task, { label: "fine", score: 1, sentiment, model: "m", truncated: false });
    }
    now.close();
    const before = new DatabaseSync(file);
    before.exec(`DROP TABLE labels; PRAGMA user_version = 1;
      CREATE TABLE labels (shop TEXT, label TEXT, reviews INTEGER NOT NULL, PRIMARY KEY (shop, label))`);
    before.close();
    expect(await opened(folder).tasks.counts("toys")).toMatchObject({
      byLabel: { fine: 3 },
      bySentiment: [1, 0, 0, 1, 0, 0, 0, 0, 0, 1],
    });
  });

  it("of a large shop is read, and its failures are tried again, in parts", async () => {
    const folder = temporaryFolder();
    const store = opened(folder);
    await store.reviews.get("toys", "x");
    const file = new DatabaseSync(join(folder, paths.reviews));
    const numbers = (most: number) =>
      `WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < ${most})`;
    file.exec(`${numbers(5001)} INSERT INTO ratings SELECT 'toys', k, 1, 5, 0, 0, k FROM n;
      ${numbers(2001)} INSERT INTO reviews SELECT k, k, 'toys', k, k, 1, 'text', k, NULL, '', 'failed', 0, NULL,
        9, 5, 'why', NULL, NULL, NULL, NULL, NULL FROM n`);
    file.close();
    const first = await store.reviews.ratings("toys");
    expect([first.changes.length, first.hasMore]).toEqual([5000, true]);
    const { until, ...rest } = await store.reviews.ratings("toys", first.until);
    expect(rest).toEqual({ changes: [["5001", { stars: 5, reviews: 1, sentiment: null }]], hasMore: false });
    expect((await store.reviews.ratings("toys", until)).changes).toEqual([]);
    expect((await store.tasks.failed("toys", 2)).map(({ id }) => id)).toEqual(["1", "2"]);
    const { next, marked } = await store.tasks.retryFailed("toys");
    expect(marked).toBe(2000);
    expect((await store.tasks.retryFailed("toys", next!)).marked).toBe(1);
    expect(await store.tasks.counts("toys")).toMatchObject({ waiting: 2001, failed: 0 });
  });

  it("and those beside it have nothing left of a user who was erased", async () => {
    const folder = temporaryFolder();
    const store = opened(folder);
    await store.reviews.add(review, LIMITS, 1);
    await store.reviews.add({ ...review, id: review.id.replace("1", "2"), user: "bob" }, LIMITS, 1);
    const has = (word: string) =>
      readdirSync(folder).some(
        (name) => existsSync(join(folder, name)) && readFileSync(join(folder, name)).includes(word),
      );
    expect(has("the secret of ann")).toBe(true);
    const reader = new DatabaseSync(join(folder, paths.reviews));
    reader.exec("BEGIN; SELECT * FROM reviews");
    await expect(store.reviews.eraseUser("toys", "ann")).rejects.toThrow("still stand in its log");
    reader.close();
    await store.reviews.eraseUser("toys", "ann");
    await store.reviews.eraseUser("toys", "bob");
    expect(has("the secret of ann")).toBe(false);
  });
});
