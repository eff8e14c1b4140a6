import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openReviewStore } from "../../adapters/local/reviews/store.ts";
import type { ReviewStore } from "../../day/reviews/review-store.ts";
import { classified, startClassifier } from "../stand-in-classifier.ts";
import { temporaryFolder } from "../temporary.ts";
import { start, steamer } from "./steamer.ts";

const folder = temporaryFolder();
const SHOP = { shop: "toys" };
const reviews = (...args: string[]) => steamer(folder, "reviews", ...args, "--shop", "toys");
const LIMITS = { perItem: 1000, perHour: 1000 };

let store: ReviewStore;
beforeAll(() => {
  store = openReviewStore(join(folder, ".steamer"), { atOnce: 1, leaseMs: 60_000, failed: () => {} });
});
afterAll(() => store.close());

async function add(item: string, text: string): Promise<void> {
  const review = { ...SHOP, id: randomUUID(), user: "ann", item, stars: 4, text, key: null, traceparent: "" };
  expect(await store.reviews.add(review, LIMITS, Date.parse("2026-11-21T10:00:00Z"))).toMatchObject({
    outcome: "added",
  });
}

describe("steamer reviews", () => {
  it("says where there are none, and makes no file", async () => {
    const { status, stderr } = await steamer(folder, "reviews", "status", "--data", "elsewhere");
    expect([status, stderr]).toEqual([1, expect.stringContaining("there are none in elsewhere")]);
  });

  it("lists what was set aside, counts the rest, and has it tried again", async () => {
    await add("tent", "poison");
    expect((await reviews("failed")).stdout).toBe("No review of toys was set aside.\n");
    await add("mug", "fine");
    const [poison, fine] = await store.tasks.take(SHOP, 9, Date.now(), Date.now() + 60_000);
    await store.tasks.setAside(poison, "INVALID_ARGUMENT");
    await store.tasks.score(fine, {
      label: "POSITIVE",
      score: 1,
      sentiment: 1,
      model: "m@1",
      truncated: false,
    });
    await add("axe", "later");
    const { stdout } = await reviews("failed");
    expect(stdout).toMatch(new RegExp(`${poison.id} +tent +2026-11-21 10:00:00 +INVALID_ARGUMENT`));
    expect(stdout).not.toContain("poison");
    const status = (await reviews("status")).stdout;
    expect(status).toContain("1 reviews wait for a score, the oldest since 2026-11-21 10:00:00 (UTC).");
    expect(status).toContain("1 were set aside: steamer reviews failed --shop toys.");
    expect(status).toMatch(/POSITIVE +1/);
    expect((await reviews("failed", "--retry")).stdout).toContain("1 reviews wait for their score again.");
    expect((await reviews("status")).stdout).toMatch(/2 reviews wait.*\n0 were set aside/);
  });

  it("scores again what another model scored, goes on after it was interrupted, and does it once", async () => {
    for (let k = 0; k < 60; k++) await add(`item-${k % 5}`, `text ${k}`);
    for (;;) {
      const tasks = await store.tasks.take(SHOP, 99, Date.now(), Date.now() + 60_000);
      if (tasks.length === 0) break;
      for (const task of tasks)
        await store.tasks.score(task, {
          label: "POSITIVE",
          score: 1,
          sentiment: 1,
          model: "m@1",
          truncated: false,
        });
    }
    const asked: string[] = [];
    let mayAnswer = 20;
    const service = await startClassifier(({ request: { text } }) => {
      if (text !== "good" && mayAnswer-- <= 0) return new Promise(() => {});
      if (text !== "good") asked.push(text);
      return classified(0.2, "m@2");
    });
    try {
      const args = ["--reviews.address", service.address, "--reviews.at-once", "2"];
      const first = start(folder, ["reviews", "rescore", "--shop", "toys", ...args]);
      await expect.poll(() => asked.length, { timeout: 30_000 }).toBe(20);
      const scored = async () => (await store.tasks.counts("toys")).byLabel["NEGATIVE"] ?? 0;
      await expect.poll(scored, { timeout: 30_000 }).toBe(20);
      first.kill("SIGINT");
      expect(await first.finished).toMatchObject({ status: 1, stderr: expect.stringContaining("cancelled") });
      mayAnswer = 1000;
      const { status, stdout } = await reviews("rescore", ...args);
      expect([status, stdout]).toEqual([0, expect.stringContaining("All scores of toys are by m@2")]);
      expect(await store.tasks.counts("toys")).toMatchObject({ waitingAgain: 0, byLabel: { NEGATIVE: 63 } });
      expect(new Set(asked).size).toBe(asked.length);
      expect(asked).toHaveLength(63);
      expect((await reviews("rescore", ...args)).stdout).toContain("0 reviews were scored again");
      expect(asked).toHaveLength(63);
    } finally {
      service.close();
    }
  });

  it.each([
    ["there is no inference service", []],
    ["does not answer", ["--reviews.address", "127.0.0.1:1"]],
  ])("says that %s", async (why, args) => {
    const { status, stderr } = await reviews("rescore", ...args);
    expect([status, stderr]).toEqual([1, expect.stringContaining(why)]);
  });
});
