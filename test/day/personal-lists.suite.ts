import { describe, expect, it } from "vitest";
import type { ListKey, PersonalList, PersonalLists } from "../../day/personal-lists.ts";

const ann: ListKey = { shop: "toys", model: "2026-11-20.1", scope: "", user: "ann" };
const others: Partial<ListKey>[] = [
  { shop: "books" },
  { model: "2026-11-21.1" },
  { scope: "kites" },
  { user: "Ann" },
];
const keys = others.map((change) => ({ ...ann, ...change }));
const list = (item: string): PersonalList => ({
  model: ann.model,
  from: "request",
  seen: "1",
  results: [{ item, score: 1, because: ["b", "ö"] }],
});

/** What every store of personal lists must do; each one's test runs it. `open` gives empty ones. */
export function personalListsSuite(open: () => { instances: [PersonalLists, PersonalLists]; now: number }) {
  /** Two instances of one store, which store lists as tasks do. Times count from now. */
  function opened() {
    const { instances, now } = open();
    const [a, b] = instances;
    const store = async (key: ListKey, item: string, expiresAt = now + 60_000) => {
      expect(await a.claim(key, "storing", now, now + 1_000)).toBe(true);
      expect(await a.put(key, "storing", list(item), expiresAt)).toBe(true);
    };
    return { a, b, now, store };
  }

  describe("a stored list", () => {
    it("is there for all instances, under its key alone, until it expires", async () => {
      const { a, b, now, store } = opened();
      expect(await a.get(ann, now)).toBeNull();
      await store(ann, "tent", now + 100);
      expect([await a.get(ann, now), await b.get(ann, now + 99)]).toEqual([list("tent"), list("tent")]);
      expect(await b.get(ann, now + 100)).toBeNull();
      for (const key of keys) expect(await a.get(key, now)).toBeNull();
    });

    it("is replaced by a later one", async () => {
      const { b, now, store } = opened();
      await store(ann, "tent");
      await store(ann, "kite");
      expect(await b.get(ann, now)).toEqual(list("kite"));
    });

    it("may be as long as settings and ids allow", async () => {
      const { b, now, a } = opened();
      const id = (k: number) => `${k}`.padEnd(256, "x");
      const results = Array.from({ length: 100 }, (_, k) => {
        return { item: id(k), score: 0.123456, because: [id(k + 1), id(k + 2), id(k + 3)] };
      });
      const key = { ...ann, scope: "s".repeat(256), user: "ü".repeat(128) };
      await a.claim(key, "A", now, now + 1_000);
      await a.put(key, "A", { ...list("tent"), results }, now + 60_000);
      expect((await b.get(key, now))?.results).toEqual(results);
    });
  });

  describe("a claim", () => {
    it("has one holder, until it is given back or has expired", async () => {
      const { a, b, now } = opened();
      expect(await a.claim(ann, "A", now, now + 100)).toBe(true);
      expect(await b.claim(ann, "B", now + 99, now + 200)).toBe(false);
      expect(await b.claim(ann, "B", now + 100, now + 200)).toBe(true);
      await a.release(ann, "A");
      expect(await a.claim(ann, "A", now + 101, now + 300)).toBe(false);
      await b.release(ann, "B");
      expect(await a.claim(ann, "A", now + 101, now + 300)).toBe(true);
      for (const key of keys) expect(await b.claim(key, "B", now, now + 100)).toBe(true);
    });

    it("is one instance's, whoever else asks at the same time", async () => {
      const { a, b, now } = opened();
      const race = (at: number) =>
        Promise.all(Array.from({ length: 100 }, (_, k) => (k % 2 ? a : b).claim(ann, `${k}`, at, at + 100)));
      const won = (claims: boolean[]) => claims.filter(Boolean).length;
      expect(won(await race(now))).toBe(1);
      expect(won(await race(now + 99))).toBe(0);
    });

    it("is renewed by its holder alone, also after it has expired, but not once it is another's", async () => {
      const { a, b, now } = opened();
      await a.claim(ann, "A", now, now + 100);
      expect([await b.renew(ann, "B", now + 200), await b.renew(ann, "A", now + 200)]).toEqual([false, true]);
      expect(await b.claim(ann, "B", now + 199, now + 300)).toBe(false);
      expect(await a.renew(ann, "A", now + 201)).toBe(true);
      expect(await b.claim(ann, "B", now + 201, now + 300)).toBe(true);
      expect(await a.renew(ann, "A", now + 400)).toBe(false);
    });

    it("is what a list is stored by, and ends with it", async () => {
      const { a, b, now } = opened();
      expect(await a.put(ann, "A", list("tent"), now + 60_000)).toBe(false);
      await a.claim(ann, "A", now, now + 100);
      expect(await b.put(ann, "B", list("tent"), now + 60_000)).toBe(false);
      expect(await b.get(ann, now)).toBeNull();
      expect(await b.put(ann, "A", list("tent"), now + 60_000)).toBe(true);
      expect(await b.put(ann, "A", list("kite"), now + 60_000)).toBe(false);
      expect(await a.get(ann, now)).toEqual(list("tent"));
      expect(await b.claim(ann, "B", now, now + 100)).toBe(true);
    });
  });

  describe("a user", () => {
    it("has lists, which can be shown", async () => {
      const { a, b, now, store } = opened();
      await store(ann, "tent");
      for (const [k, key] of keys.entries()) await store(key, `item ${k}`);
      const kites = { ...ann, scope: "kites", model: "2026-11-19.1" };
      await store(kites, "old", now + 100);
      const own = [
        { model: "2026-11-20.1", scope: "", list: list("tent") },
        { model: "2026-11-20.1", scope: "kites", list: list("item 2") },
        { model: "2026-11-21.1", scope: "", list: list("item 1") },
      ];
      expect(await b.listsOf("toys", "ann", now + 100)).toEqual(own);
      expect(await a.listsOf("toys", "nobody", now)).toEqual([]);
    });

    it("is forgotten: lists and claims, and what is under way is not stored", async () => {
      const { a, b, now, store } = opened();
      await store(ann, "tent");
      for (const [k, key] of keys.entries()) await store(key, `item ${k}`);
      const atWork = { ...ann, scope: "lamps" };
      await a.claim(atWork, "A", now, now + 1_000);
      const another = { ...ann, user: "Ann", scope: "lamps" };
      await a.claim(another, "A", now, now + 1_000);
      expect(await b.forget("toys", "ann")).toBe(3);
      expect(await a.listsOf("toys", "ann", now)).toEqual([]);
      expect(await a.renew(atWork, "A", now + 2_000)).toBe(false);
      expect(await a.put(atWork, "A", list("tent"), now + 60_000)).toBe(false);
      expect(await a.get(atWork, now)).toBeNull();
      expect(await b.forget("toys", "ann")).toBe(0);
      // Nobody else loses anything; and a user who comes again gets new lists.
      expect(await a.get(keys[0], now)).toEqual(list("item 0"));
      expect(await a.get(keys[3], now)).toEqual(list("item 3"));
      expect(await a.renew(another, "A", now + 2_000)).toBe(true);
      expect(await b.claim(atWork, "B", now, now + 1_000)).toBe(true);
    });
  });
}
