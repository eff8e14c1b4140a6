import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { markAll } from "../../../day/reviews/mark-all.ts";
import type { Classification } from "../../../day/classifier.ts";
import type { NewReview, Review, Reviews, ReviewTasks } from "../../../day/reviews/review-store.ts";

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
const LIMITS = { perItem: 1, perHour: 3 };
const NO_LIMITS = { perItem: 1000, perHour: 1000 };
const LEASE = NOW + 60_000;

const review = (change: Partial<NewReview> = {}): NewReview => ({
  id: crypto.randomUUID(),
  shop: "toys",
  user: "ann",
  item: "tent",
  stars: 5,
  text: "a good tent",
  key: null,
  traceparent: "00-1-2-00",
  ...change,
});

const scored = (change: Partial<Classification> = {}): Classification => ({
  label: "positive",
  score: 0.9,
  sentiment: 0.9,
  model: "m1",
  truncated: false,
  ...change,
});

const { signal } = new AbortController();

const idsOf = (each: readonly { id: string }[]) => each.map(({ id }) => id);

interface ReviewStore {
  reviews: Reviews;
  tasks: ReviewTasks;
}

/** Two instances on the same, empty store. */
export type OpenTwo = () => Promise<[ReviewStore, ReviewStore]> | [ReviewStore, ReviewStore];

/** Adds reviews one after the other, a millisecond apart. */
async function addAll({ reviews }: ReviewStore, all: NewReview[], from = NOW): Promise<void> {
  for (const [k, each] of all.entries())
    expect((await reviews.add(each, NO_LIMITS, from + k)).outcome).toBe("added");
}

const taken = (store: ReviewStore, most = 9, now = NOW, item?: string) =>
  store.tasks.take({ shop: "toys", ...(item === undefined ? {} : { item }) }, most, now, now + 60_000);

/** What every store of reviews must do; each adapter's test runs it. */
export function reviewStoreSuite(open: OpenTwo): void {
  describe("a review", () => {
    it("is kept as it was sent, for all instances", async () => {
      const [a, b] = await open();
      const text = "<b>Nul \0 and \u{1f600}</b>\r\n  'quoted' \ufeff";
      const sent = review({ text, user: "ünï\0", item: "tent/1", stars: 2 });
      const { id, user, item, stars } = sent;
      const expected = { id, user, item, stars, text, at: NOW, scored: null };
      expect(await a.reviews.add(sent, LIMITS, NOW)).toEqual({ outcome: "added", review: expected });
      expect(await b.reviews.get("toys", id)).toEqual(expected);
      expect(await b.reviews.get("books", id)).toBeNull();
      expect(await b.reviews.get("toys", "no such")).toBeNull();
      expect(await b.reviews.exportUser("toys", user)).toEqual([expected]);
    });

    it("that comes again with its key is the same one; its key with another body is refused", async () => {
      const [a, b] = await open();
      const first = review({ key: "k" });
      await a.reviews.add(first, LIMITS, NOW);
      const again = await b.reviews.add({ ...first, id: crypto.randomUUID() }, LIMITS, NOW + 2 * HOUR);
      expect(again).toMatchObject({ outcome: "repeated", review: { id: first.id, at: NOW } });
      for (const change of [{ text: "other" }, { stars: 1 }, { item: "mug" }, { user: "bob" }])
        expect(await b.reviews.add(review({ key: "k", ...change }), LIMITS, NOW)).toEqual({
          outcome: "key reused",
        });
      expect(await b.reviews.add(review({ key: "k", shop: "books" }), LIMITS, NOW)).toMatchObject({
        outcome: "added",
      });
    });

    it("is stored once of many that race with one key, and of many without within the limits", async () => {
      const [a, b] = await open();
      const keyed = Array.from({ length: 10 }, (_, k) =>
        [a, b][k % 2].reviews.add(review({ key: "k", user: "eve" }), LIMITS, NOW),
      );
      const outcomes = (await Promise.all(keyed)).map(({ outcome }) => outcome);
      expect(outcomes.filter((outcome) => outcome === "added")).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === "repeated")).toHaveLength(9);
      const others = Array.from({ length: 10 }, (_, k) =>
        [a, b][k % 2].reviews.add(review({ item: `i${k}` }), LIMITS, NOW),
      );
      const more = (await Promise.all(others)).map(({ outcome }) => outcome);
      expect(more.filter((outcome) => outcome === "added")).toHaveLength(3);
      expect(await a.reviews.exportUser("toys", "ann")).toHaveLength(3);
    });

    it("of an item is refused for a day, of all items for an hour, and then taken", async () => {
      const [{ reviews }] = await open();
      const add = async (item: string, at: number) => reviews.add(review({ item }), LIMITS, at);
      await add("tent", NOW);
      const daily = { outcome: "limited", limit: "perItem", retryAt: NOW + 24 * HOUR };
      expect(await add("tent", NOW + 24 * HOUR - 1)).toEqual(daily);
      await add("mug", NOW + 1);
      await add("axe", NOW + 2);
      const hourly = { outcome: "limited", limit: "perHour", retryAt: NOW + HOUR };
      expect(await add("rope", NOW + 3)).toEqual(hourly);
      expect(await reviews.add(review({ user: "bob", item: "rope" }), LIMITS, NOW + 3)).toMatchObject({
        outcome: "added",
      });
      expect(await add("rope", NOW + HOUR)).toMatchObject({ outcome: "added" });
      expect(await add("tent", NOW + 24 * HOUR)).toMatchObject({ outcome: "added" });
    });

    it("is exported and erased by its user, with all that was added up from it", async () => {
      const [a, b] = await open();
      const of = (user: string, k: number, stars: number) =>
        review({
          id: `00000000-0000-4000-8000-00000000000${k}`,
          user,
          stars,
          item: k === 3 ? "mug" : "tent",
        });
      await addAll(a, [of("ann", 1, 1), of("bob", 2, 4), of("ann", 3, 5)]);
      for (const task of await taken(a)) await a.tasks.score(task, scored());
      for (const task of await taken(a))
        await a.tasks.score(task, scored({ sentiment: 0.1, label: "negative" }));
      const { until } = await b.reviews.ratings("toys");
      expect(idsOf(await b.reviews.exportUser("toys", "ann"))).toEqual([
        of("ann", 1, 1).id,
        of("ann", 3, 5).id,
      ]);
      expect(await b.reviews.eraseUser("books", "ann")).toBe(0);
      expect(await b.reviews.eraseUser("toys", "ann")).toBe(2);
      expect(await a.reviews.exportUser("toys", "ann")).toEqual([]);
      const left = { stars: 4, reviews: 1, sentiment: 0.1 };
      expect(await a.reviews.page("toys", "tent", 9)).toMatchObject({
        rating: left,
        reviews: [{ user: "bob" }],
      });
      expect(await a.reviews.page("toys", "mug", 9)).toEqual({ rating: null, reviews: [], hasMore: false });
      const { changes } = await a.reviews.ratings("toys", until);
      expect(new Map(changes)).toEqual(
        new Map([
          ["tent", left],
          ["mug", null],
        ]),
      );
      expect((await a.tasks.counts("toys")).byLabel).toEqual({ negative: 1 });
    });
  });

  describe("what the night reads", () => {
    it("is every review from a time on, with its score, in the order in which they came", async () => {
      const [a, b] = await open();
      const all = Array.from({ length: 12 }, (_, k) =>
        review({ user: `user-${k}`, item: k < 2 ? "tent" : "mug" }),
      );
      await addAll(a, all);
      await addAll(a, [review({ shop: "books" })]);
      const [task] = await taken(a, 1, NOW, "tent");
      await a.tasks.score(task, scored({ sentiment: 0.25 }));
      const read = [];
      let place: string | undefined;
      do {
        const part = await b.reviews.written("toys", NOW, place);
        read.push(...part.reviews);
        place = part.next ?? undefined;
      } while (place !== undefined);
      const expected = all.map(({ id, user, item, stars }, k) => {
        return { id, user, item, stars, at: NOW + k, sentiment: k === 0 ? 0.25 : null };
      });
      expect(read).toEqual(expected);
      expect(idsOf((await b.reviews.written("toys", NOW + 3)).reviews)).toEqual(idsOf(all.slice(3)));
      await addAll(a, [review({ user: "user-0", stars: 1 })], NOW + 99);
      const [newest, first, ...none] = await b.reviews.latestOf("toys", "user-0", 9);
      expect([newest, first, none]).toMatchObject([
        { stars: 1, at: NOW + 99, sentiment: null },
        expected[0],
        [],
      ]);
      expect(await b.reviews.latestOf("toys", "user-0", 1)).toEqual([newest]);
    });
  });

  describe("pages and ratings", () => {
    const sent = fc.record({
      item: fc.constantFrom("tent", "mug"),
      user: fc.constantFrom("ann", "bob", "cid"),
      stars: fc.integer({ min: 1, max: 5 }),
      // Several at once, and some whose clock is behind.
      at: fc.integer({ min: NOW, max: NOW + 3 }),
      sentiment: fc.option(fc.integer({ min: 0, max: 1e6 }).map((n) => n / 1e6)),
    });

    it("are as the plain definition says, whatever comes and goes", async () => {
      const [store] = await open();
      const { reviews, tasks } = store;
      await fc.assert(
        fc.asyncProperty(
          fc.array(sent, { maxLength: 12 }),
          fc.integer({ min: 1, max: 4 }),
          async (all, n) => {
            const shop = crypto.randomUUID();
            for (const { at, sentiment, ...change } of all) {
              await reviews.add(review({ ...change, shop }), NO_LIMITS, at);
              // Perhaps that of an earlier one, which comes first.
              const [task] = sentiment === null ? [] : await tasks.take({ shop }, 1, NOW, LEASE);
              if (task) await tasks.score(task, scored({ sentiment: sentiment! }));
            }
            const kept = await Promise.all(["ann", "bob"].map((user) => reviews.exportUser(shop, user)));
            await reviews.eraseUser(shop, "cid");
            for (const item of ["tent", "mug"]) {
              const own = kept.flat().filter((each) => each.item === item);
              const pages = await allPages(store, shop, item, n);
              expect(pages.reviews).toEqual(own.sort(byNewest));
              expect(pages.rating).toEqual(plainRating(own));
            }
          },
        ),
        { numRuns: 20 },
      );
    });
  });

  describe("tasks", () => {
    it("are taken once, in the order in which they came, of each item only the first", async () => {
      const [a, b] = await open();
      const all = ["tent", "tent", "mug", "axe", "mug"].map((item) => review({ item }));
      await addAll(a, [...all, review({ shop: "books" }), review({ text: " \n" })]);
      const first = await taken(a, 2);
      expect(idsOf(first)).toEqual([all[0].id, all[2].id]);
      const [next, ...none] = await taken(b);
      expect([next.id, none]).toEqual([all[3].id, []]);
      expect(next).toMatchObject({
        item: "axe",
        text: "a good tent",
        traceparent: "00-1-2-00",
        tries: 0,
        faults: 0,
      });
      expect(await a.tasks.score(first[0], scored())).toBe(true);
      expect(idsOf(await taken(b))).toEqual([all[1].id]);
    });

    it("of one item can be asked for", async () => {
      const [a] = await open();
      const all = ["tent", "mug"].map((item) => review({ item }));
      await addAll(a, all);
      expect(idsOf(await taken(a, 9, NOW, "mug"))).toEqual([all[1].id]);
    });

    it("come back when their lease ends, and who had it changes nothing any more", async () => {
      const [a, b] = await open();
      await addAll(a, [review()]);
      const [lost] = await taken(a);
      expect(await taken(b, 9, LEASE - 1)).toEqual([]);
      const [again] = await taken(b, 9, LEASE);
      expect(again.id).toBe(lost.id);
      expect(await a.tasks.score(lost, scored({ sentiment: 0 }))).toBe(false);
      expect(await a.tasks.postpone(lost, NOW, { tries: 9, faults: 9 })).toBe(false);
      expect(await a.tasks.setAside(lost, "late")).toBe(false);
      expect(await b.tasks.score(again, scored())).toBe(true);
      expect(await b.tasks.score(again, scored({ sentiment: 0 }))).toBe(false);
      expect((await a.reviews.get("toys", lost.id))!.scored).toEqual(scored());
      expect(await taken(a, 9, NOW + 1e9)).toEqual([]);
    });

    it("that are postponed hold the item's next ones back; those set aside do not", async () => {
      const [a, b] = await open();
      const all = [review(), review()];
      await addAll(a, all);
      const [task] = await taken(a);
      await a.tasks.postpone(task, NOW + 500, { tries: 3, faults: 2 });
      expect(await taken(b, 9, NOW + 499)).toEqual([]);
      const [later] = await taken(b, 9, NOW + 500);
      expect(later).toMatchObject({ id: all[0].id, tries: 3, faults: 2 });
      expect(await b.tasks.setAside(later, "INVALID_ARGUMENT")).toBe(true);
      const [other] = await taken(a);
      expect(other.id).toBe(all[1].id);
      const failed = [{ id: all[0].id, item: "tent", at: NOW, reason: "INVALID_ARGUMENT" }];
      expect(await a.tasks.failed("toys", 9)).toEqual(failed);
      expect(await a.tasks.counts("toys")).toMatchObject({ waiting: 1, failed: 1, oldestAt: NOW + 1 });
      await a.tasks.score(other, scored());
      expect(await markAll((place) => a.tasks.retryFailed("books", place), signal)).toBe(0);
      expect(await markAll((place) => a.tasks.retryFailed("toys", place), signal)).toBe(1);
      expect((await taken(b)).map(({ id, tries, faults }) => [id, tries, faults])).toEqual([
        [all[0].id, 0, 0],
      ]);
    });

    it("of an erased review are no more", async () => {
      const [a, b] = await open();
      await addAll(a, [review()]);
      const [task] = await taken(a);
      await b.reviews.eraseUser("toys", "ann");
      expect(await a.tasks.score(task, scored())).toBe(false);
      expect(await a.tasks.counts("toys")).toEqual({
        waiting: 0,
        waitingAgain: 0,
        oldestAt: null,
        failed: 0,
        byLabel: {},
        bySentiment: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      });
    });

    it("of a rescoring are for what another model scored, once, after new reviews; scores stay till then", async () => {
      const [a, b] = await open();
      const all = ["tent", "tent", "mug"].map((item) => review({ item }));
      await addAll(a, [...all, review({ text: "" })]);
      await a.tasks.score((await taken(a, 1))[0], scored());
      await a.tasks.score((await taken(a, 1))[0], scored({ model: "m2" }));
      await a.tasks.score((await taken(a, 1))[0], scored());
      const fresh = review({ item: "axe" });
      await addAll(a, [fresh], NOW + 9);
      expect(await markAll((place) => a.tasks.rescore("toys", "m2", place), signal)).toBe(2);
      expect(await markAll((place) => b.tasks.rescore("toys", "m2", place), signal)).toBe(0);
      expect(await a.tasks.counts("toys")).toMatchObject({ waiting: 1, waitingAgain: 2, oldestAt: NOW + 9 });
      expect((await a.reviews.get("toys", all[0].id))!.scored).toEqual(scored());
      const tasks = await taken(b);
      expect(tasks.map(({ id, isAgain }) => [id, isAgain])).toEqual([
        [fresh.id, false],
        [all[0].id, true],
        [all[2].id, true],
      ]);
      for (const task of tasks)
        await b.tasks.score(task, scored({ model: "m2", label: "negative", sentiment: 0.2 }));
      expect(await markAll((place) => a.tasks.rescore("toys", "m2", place), signal)).toBe(0);
      expect(await a.tasks.counts("toys")).toMatchObject({
        byLabel: { positive: 1, negative: 3 },
        bySentiment: [0, 0, 3, 0, 0, 0, 0, 0, 0, 1],
      });
      expect((await a.reviews.page("toys", "tent", 1))!.rating).toMatchObject({ sentiment: 0.55 });
    });
  });
}

const byNewest = (a: Review, b: Review) => b.at - a.at || (a.id < b.id ? 1 : -1);

function plainRating(reviews: Review[]) {
  if (reviews.length === 0) return null;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const sentiments = reviews.flatMap(({ scored }) => scored?.sentiment ?? []);
  return {
    stars: expect.closeTo(mean(reviews.map(({ stars }) => stars)), 2) as number,
    reviews: reviews.length,
    sentiment: sentiments.length === 0 ? null : (expect.closeTo(mean(sentiments), 3.9) as number),
  };
}

async function allPages({ reviews }: ReviewStore, shop: string, item: string, n: number) {
  const found: Review[] = [];
  for (;;) {
    const page = await reviews.page(shop, item, n, found.at(-1));
    found.push(...page.reviews);
    if (!page.hasMore) return { reviews: found, rating: page.rating };
    expect(page.reviews).toHaveLength(n);
  }
}
