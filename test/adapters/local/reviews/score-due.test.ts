import { afterEach, expect, it } from "vitest";
import { openReviewStore } from "../../../../adapters/local/reviews/store.ts";
import { createGuard, CallFailed } from "../../../../day/calls.ts";
import type { ReviewStore } from "../../../../day/reviews/review-store.ts";
import { LONGEST_SWEEP_MS, scoreDue, type Due } from "../../../../day/reviews/score-due.ts";
import { temporaryFolder } from "../../../temporary.ts";

const open: ReviewStore[] = [];
afterEach(async () => void (await Promise.all(open.splice(0).map((each) => each.close()))));
const SHOP = { shop: "toys" };
const LIMITS = { perItem: 1000, perHour: 1000 };

/** A store with a review of each of these items, and a clock that a test may move. */
async function shopWith(items: string[], answer: (text: string) => string | null) {
  const clock = { now: 1_000 };
  const failed = () => {};
  const store = openReviewStore(temporaryFolder(), { atOnce: 1, leaseMs: 60_000, failed });
  open.push(store);
  for (const [k, item] of items.entries()) {
    const review = { ...SHOP, id: crypto.randomUUID(), user: "ann", item, stars: 5, text: `${item}${k}` };
    await store.reviews.add({ ...review, key: null, traceparent: "" }, LIMITS, k);
  }
  const texts: string[] = [];
  const classify = async (text: string) => {
    texts.push(text);
    const failure = answer(text);
    if (failure) throw new CallFailed(failure, "it says so");
    return { label: "good", score: 1, sentiment: 1, model: "m", truncated: false };
  };
  const times = { now: () => clock.now, sleep: async () => {}, random: () => 0 };
  const sweep = {
    ...createGuard({ retries: 0, breakMs: 1_000, ...times }),
    ...times,
    tasks: store.tasks,
    classifier: { classify, close: () => {} },
    bounds: { callMs: 1_000, retries: 0, attempts: 3 },
    atOnce: 4,
    called: () => {},
    retrying: () => {},
    done: () => {},
  };
  return { clock, store, texts, look: (due: Due) => scoreDue(due, sweep) };
}

it("all that is due is scored, those of an item in order", async () => {
  const { look, texts, store } = await shopWith(["a", "b", "a", "a"], () => null);
  expect(await look(SHOP)).toEqual({ outcomes: { scored: 4 }, isUnfinished: false });
  expect(texts).toEqual(["a0", "b1", "a2", "a3"]);
  expect(await look(SHOP)).toEqual({ outcomes: {}, isUnfinished: false });
  expect((await store.tasks.counts("toys")).waiting).toBe(0);
});

it("an item's are scored without those of others", async () => {
  const { look, texts } = await shopWith(["a", "b", "a"], () => null);
  expect(await look({ ...SHOP, item: "a" })).toEqual({ outcomes: { scored: 2 }, isUnfinished: false });
  expect(texts).toEqual(["a0", "a2"]);
});

it("what fails waits for another look, and others are scored", async () => {
  const { look, clock } = await shopWith(["a", "b"], (text) => (text === "a0" ? "INTERNAL" : null));
  expect(await look(SHOP)).toEqual({ outcomes: { postponed: 1, scored: 1 }, isUnfinished: true });
  expect(await look(SHOP)).toEqual({ outcomes: {}, isUnfinished: false });
  clock.now += 60_000;
  expect((await look(SHOP)).outcomes).toEqual({ faulty: 1 });
});

it("a look ends while nobody may call the service", async () => {
  const items = Array.from({ length: 20 }, (_, k) => `i${k}`);
  const { look, texts } = await shopWith(items, () => "UNAVAILABLE");
  const { outcomes, isUnfinished } = await look(SHOP);
  expect(isUnfinished).toBe(true);
  expect(outcomes.postponed).toBe(texts.length);
  expect(outcomes.refused).toBeGreaterThan(0);
  expect(texts.length).toBeLessThan(items.length);
});

it("a look that has lasted for long takes no more on, and asks for another", async () => {
  const { look, clock, texts } = await shopWith(["a", "a"], () => {
    clock.now += LONGEST_SWEEP_MS;
    return null;
  });
  expect(await look(SHOP)).toEqual({ outcomes: { scored: 1 }, isUnfinished: true });
  expect(texts).toEqual(["a0"]);
});
