import { describe, expect, it } from "vitest";
import type { HistoryOfRequest, Recommendations } from "../../contracts/personalizer.ts";
import { rowOf } from "../../core/factors/factor-rows.ts";
import { readFactors } from "../../night/state/factors.ts";
import { takeDown } from "../../night/state/block-list.ts";
import { memoryObjects } from "../night/shop.ts";
import { clientTo, started } from "./served.ts";
import { historyOf, ITEMS, POPULAR_IN_NORTH, publishPersonal, USERS } from "./shop.ts";

const MODEL = "2026-11-20.1";
const objects = memoryObjects();
await publishPersonal(objects, MODEL);
const server = await started(objects);
const { recommend, popular } = clientTo(server);
const byFactors = clientTo(await started(objects, { "als.blend": 1 }));

const itemsOf = ({ results }: Recommendations) => results.map(({ item }) => item);
const kindOf = (item: string) => item.split("-")[0];

/** A user's history as a request has it. */
const asked = (user: string): HistoryOfRequest[] =>
  historyOf(user).map(({ item, event, count }) => {
    return { item, event: event.toUpperCase() as HistoryOfRequest["event"], count };
  });

describe("recommendations for a known user", () => {
  it("are those of the factors, without what the user knows, the best first", async () => {
    const { model, results } = await recommend({ user: "user-4", n: 3 });
    expect(model).toBe(MODEL);
    expect(results.length).toBe(3);
    const own = historyOf("user-4").map(({ item }) => item);
    for (const { item } of results) expect(own).not.toContain(item);
    expect(kindOf(results[0].item)).toBe("ink");
    const scores = results.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    for (const score of scores) expect(score).toSatisfy((value: number) => value > 0 && value <= 1);
  });

  it("are ten where the request does not say how many", async () => {
    const { results } = await recommend({ user: "user-4" });
    expect(results.length).toBe(10);
  });

  it("follow a history in the request in place of the model's", async () => {
    const { results } = await recommend({ user: "user-4", n: 2, history: asked("user-3") });
    expect(results.map(({ item }) => kindOf(item))).toEqual(["tea", "tea"]);
    const unknown = [{ item: "none", event: "PURCHASE", count: 1 }] as const;
    expect(await recommend({ user: "user-4", n: 2, history: [...unknown] })).toEqual(
      await recommend({ user: "user-4", n: 2 }),
    );
  });

  it("never have what the user has bought, whatever history the request has", async () => {
    const bought = historyOf("user-4").filter(({ event }) => event === "purchase");
    const { results } = await recommend({ user: "user-4", n: 100, history: asked("user-3") });
    for (const { item } of bought) expect(results.map((one) => one.item)).not.toContain(item);
  });
});

describe("recommendations for a user whom the model does not know", () => {
  it("come from the same factors as those of a known user with the same history", async () => {
    const factors = (await readFactors(objects, "toys", MODEL, ITEMS.length))!;
    for (const [row, user] of USERS.entries()) {
      const known = await byFactors.recommend({ user, n: 5 });
      const folded = await byFactors.recommend({ user: "somebody", n: 5, history: asked(user) });
      folded.results.forEach(({ score }, k) => expect(score).toBeCloseTo(known.results[k].score, 1));
      const entries = new Map<number, number>();
      const weights = factors.trainedFor.eventWeights;
      for (const { item, event, count } of historyOf(user)) {
        const code = ITEMS.indexOf(item);
        entries.set(code, (entries.get(code) ?? 0) + count * weights[event]);
      }
      const vector = factors.items.foldIn([...entries].map(([row, weight]) => ({ row, weight })));
      rowOf(factors.users.factors, row).forEach((value, k) => expect(vector[k]).toBeCloseTo(value, 4));
    }
  });

  it("are refused without an item that the model knows", async () => {
    const fails = { code: 9, details: expect.stringContaining("GetPopular") };
    await expect(recommend({ user: "somebody" })).rejects.toMatchObject(fails);
    const history: HistoryOfRequest[] = [{ item: "none", event: "PURCHASE", count: 1 }];
    await expect(recommend({ user: "somebody", history })).rejects.toMatchObject(fails);
  });
});

describe("any answer", () => {
  it("leaves out what the request excludes, and what is taken down, within a look", async () => {
    const [first, second] = itemsOf(await recommend({ user: "user-4", n: 2 }));
    const others = itemsOf(await recommend({ user: "user-4", n: 100, exclude: [first, "none"] }));
    expect(others).not.toContain(first);
    expect(others).toContain(second);
    await takeDown(objects, { shop: "toys", items: [first], reason: "recalled", now: new Date() });
    await server.refresh();
    expect(itemsOf(await recommend({ user: "user-4", n: 100 }))).toEqual(others);
    expect(itemsOf(await popular({ n: 100 }))).not.toContain(first);
  });

  it("has items of its scope alone, scored among each other", async () => {
    const { results } = await recommend({ user: "user-4", scope: "tea", n: 100 });
    expect(new Set(results.map(({ item }) => kindOf(item)))).toEqual(new Set(["tea"]));
    const all = (await recommend({ user: "user-4", n: 100 })).results;
    const ranked = all.map(({ item }) => item).filter((item) => kindOf(item) === "tea");
    expect(results.map(({ item }) => item).filter((item) => ranked.includes(item)).length).toBe(
      ranked.length,
    );
    expect(new Set(itemsOf(await popular({ scope: "ink", n: 100 })).map(kindOf))).toEqual(new Set(["ink"]));
  });

  it("has only what the users of its scope had to do with", async () => {
    const { results } = await recommend({ user: "user-4", scope: "north", n: 100 });
    const all = itemsOf(await recommend({ user: "user-4", n: 100 }));
    const north = POPULAR_IN_NORTH.map(({ item }) => item);
    expect(itemsOf({ model: MODEL, results }).toSorted()).toEqual(
      all.filter((item) => north.includes(item)).toSorted(),
    );
    expect(all.length).toBeGreaterThan(results.length);
  });

  it("may be in a scope of users, with the number of these", async () => {
    const { results } = await popular({ scope: "north", n: 100 });
    // What is taken down is in no answer.
    const all = itemsOf(await popular({ n: 100 }));
    const expected = POPULAR_IN_NORTH.filter(({ item }) => all.includes(item));
    expect(results.map(({ item, score }) => ({ item, users: score }))).toEqual(expected);
  });

  it("is in the category where a scope of users has the same name", async () => {
    expect(new Set(itemsOf(await popular({ scope: "tea", n: 100 })).map(kindOf))).toEqual(new Set(["tea"]));
    const own = await recommend({ user: "user-4", scope: "tea", n: 100 });
    expect(new Set(itemsOf(own).map(kindOf))).toEqual(new Set(["tea"]));
  });

  it("is refused for a shop or a scope that is not there", async () => {
    const missing = (details: string) => ({ code: 5, details });
    await expect(recommend({ user: "user-4", scope: "Ink" })).rejects.toMatchObject(
      missing('there is no scope "Ink"'),
    );
    await expect(popular({ scope: "x" })).rejects.toMatchObject(missing('there is no scope "x"'));
    await expect(popular({ shop: "x" })).rejects.toMatchObject(missing('there is no shop "x"'));
  });
});

describe("popular items", () => {
  it("come by their number of users, ties by id", async () => {
    const { results } = await popular({ n: 5 });
    const users = (item: string) =>
      USERS.filter((user) => historyOf(user).some((done) => done.item === item)).length;
    for (const { item, score, because } of results)
      expect([item, score, because]).toEqual([item, users(item), []]);
    expect(results).toEqual(results.toSorted((a, b) => b.score - a.score || (a.item < b.item ? -1 : 1)));
  });
});

describe("includeInput", () => {
  it("lets an answer have what the user knows, but not what was bought", async () => {
    const other = clientTo(await started(objects, { includeInput: true }));
    const [item] = ["ink-0"];
    const history: HistoryOfRequest[] = [{ item, event: "VIEW_ITEM", count: 1 }];
    expect(itemsOf(await other.recommend({ user: "x", n: 100, history }))).toContain(item);
    expect(itemsOf(await recommend({ user: "x", n: 100, history }))).not.toContain(item);
    const bought: HistoryOfRequest[] = [...history, { item, event: "PURCHASE", count: 1 }];
    expect(itemsOf(await other.recommend({ user: "x", n: 100, history: bought }))).not.toContain(item);
  });
});
