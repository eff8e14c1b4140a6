import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRecommender, type Query } from "../../../../core/ranking/answer.ts";
import { decodeSnapshot } from "../../../../core/model/decode.ts";
import { datastoreStore } from "../../../../recommender/model/datastore/datastore-store.ts";
import { lookedUpModel } from "../../../../recommender/model/datastore/looked-up-model.ts";
import { blockList, options, query, shop } from "../../../core/arbitrary-shop.ts";
import { snapshotOf, type PlainItem } from "../../../core/ranking/plain-answer.ts";
import { goldenItems, goldenModel, goldenSnapshot } from "../../../golden-model.ts";
import { answering } from "../../recommend/answering.ts";
import { itemStoreOf } from "./item-store.ts";

const MODEL = "2026-11-21.1";
const WEIGHTS = { view_item: 0.5, add_to_cart: 2, purchase: 6 };
const OPTIONS = { queryWeights: WEIGHTS, togetherWeights: WEIGHTS, includeInput: false };
/** More than a busy machine ever takes. */
const LOOKUP_MS = 10_000;

const plain = (id: string, change: Partial<PlainItem> = {}): PlainItem => ({
  id,
  category: null,
  price: null,
  available: true,
  users: 1,
  similar: [],
  together: [],
  ...change,
});

describe("the store in Datastore", () => {
  it("answers as the snapshot does, whatever the model, the queries and the block list", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ shop, blockList, options, queries: fc.array(query, { minLength: 1, maxLength: 4 }) }),
        async ({ shop, blockList, queries, options }) => {
          const snapshot = decodeSnapshot(snapshotOf(shop));
          const inMemory = createRecommender(snapshot, MODEL, options);
          const stored = await datastoreStore(itemStoreOf(shop), options, LOOKUP_MS).load(MODEL);
          const blocked = new Set(blockList);
          for (const query of queries) {
            const rows = { has: (row: number) => blocked.has(snapshot.idOf(row)) };
            const expected = inMemory(query, { blocked: rows });
            const answer = await answering(stored)(query, blocked);
            // It counts only those that it has looked up.
            expect({ ...answer, unknownAvailability: expected.unknownAvailability }).toEqual(expected);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("knows categories, and no scopes of users", async () => {
    const stored = await datastoreStore(itemStoreOf([plain("a", { north: 1 })]), OPTIONS, LOOKUP_MS).load(
      MODEL,
    );
    expect(stored.hasScope("north")).toBe(false);
  });

  it("answers from the golden entities, which templates/ writes, as from the golden snapshot", async () => {
    const inMemory = createRecommender(goldenSnapshot(), goldenModel.model, OPTIONS);
    const name = goldenModel.model;
    const recommend = answering(await datastoreStore(goldenItems(), OPTIONS, LOOKUP_MS).load(name), name);
    for (const scenario of ["similar", "together"] as const) {
      for (const { item } of goldenModel.catalogue) {
        const query = { browsed: [item, "unheard-of"], basket: ["007"], purchased: [], n: 5, scenario };
        expect(await recommend(query)).toEqual(inMemory(query));
      }
    }
  });

  it("fills the longest answer of the largest query with popular items", async () => {
    const items = Array.from({ length: 2000 }, (_, k) => plain(`item-${k}`, { users: 2000 - k }));
    const ids = items.map(({ id }) => id);
    const query = {
      browsed: ids.slice(0, 200),
      basket: ids.slice(200, 400),
      purchased: ids.slice(400, 600),
      n: 100,
    };
    const recommend = answering(await datastoreStore(itemStoreOf(items), OPTIONS, LOOKUP_MS).load(MODEL));
    const answer = await recommend(query);
    expect(answer).toEqual(createRecommender(decodeSnapshot(snapshotOf(items)), MODEL, OPTIONS)(query));
    expect(answer.results).toHaveLength(100);
  });

  it("looks further candidates up until a filtered answer is full", async () => {
    // Of a hundred neighbours only the last ten can be bought.
    const rest = Array.from({ length: 100 }, (_, k) => plain(`n-${k}`, { available: k >= 90 }));
    const similar = rest.map(({ id }, k): [string, number] => [id, (100 - k) / 100]);
    const items = [plain("tent", { similar }), ...rest];
    const recommend = answering(await datastoreStore(itemStoreOf(items), OPTIONS, LOOKUP_MS).load(MODEL));
    const query: Query = {
      browsed: ["tent"],
      basket: [],
      purchased: [],
      n: 10,
      filter: { available: true },
    };
    const { results } = await recommend(query);
    expect(results.map(({ source }) => source)).toEqual(Array(10).fill("model"));
  });

  it("looks up what a filter needs to know of candidates that are not popular", async () => {
    const similar = ["dome", "bag", "mug"].map((id): [string, number] => [id, 0.5]);
    const items = [
      plain("tent", { similar }),
      plain("bag"),
      plain("mug", { available: false }),
      plain("dome"),
    ];
    const asked: string[][] = [];
    const stored = itemStoreOf(items, (ids) => asked.push(ids));
    const popular = { items: items.length, popular: ["bag"], users: [1] };
    const store = datastoreStore({ ...stored, popularOf: async () => popular }, OPTIONS, LOOKUP_MS);
    const recommend = answering(await store.load(MODEL));
    const query = {
      browsed: ["tent"],
      basket: [],
      purchased: [],
      n: 5,
      filter: { available: true },
    };
    const { results } = await recommend(query);
    expect(results.map(({ item, source }) => [item, source])).toEqual([
      ["bag", "model"],
      ["dome", "model"],
    ]);
    expect(asked).toEqual([["bag"], ["tent"], ["dome", "mug"]]);
  });

  it("leaves out what was pushed as sold out since its night, and shows the price that was pushed", async () => {
    const similar = ["dome", "bag"].map((id): [string, number] => [id, 0.5]);
    const items = [
      plain("tent", { similar, available: null }),
      plain("bag", { available: null }),
      plain("dome"),
    ];
    const model = await datastoreStore(itemStoreOf(items), OPTIONS, LOOKUP_MS).load(MODEL);
    await model.restock(
      new Map([
        ["bag", { available: { value: false, at: 2 }, price: { value: 4, at: 2 } }],
        // The night has read later that there is one.
        ["dome", { available: { value: false, at: 1 }, price: { value: 4, at: 2 } }],
      ]),
      1,
    );
    const query: Query = { browsed: ["tent"], basket: [], purchased: [], n: 5 };
    const { results } = await answering(model)(query);
    expect(results.map(({ item }) => item)).toEqual(["dome"]);
    expect((await model.describe(["bag"])).get("bag")).toMatchObject({ price: 4, available: false });
    expect((await model.describe(["dome"])).get("dome")).toMatchObject({ price: 4, available: true });
    expect(await model.presentable(["bag", "dome"], new Set())).toEqual(["dome"]);
  });

  it("takes in the neighbours of the request's scenario only", async () => {
    const shop = [plain("tent", { similar: [["dome", 0.5]], together: [["stove", 0.4]] })];
    const query = await itemStoreOf(shop).itemsOf(MODEL, ["tent"], LOOKUP_MS);
    const idsIn = (scenario: "similar" | "together") => {
      const { items, idOf } = lookedUpModel({ query, popular: [] }, scenario);
      return Array.from({ length: items }, (_, row) => idOf(row));
    };
    expect(idsIn("similar")).toEqual(["dome", "tent"]);
    expect(idsIn("together")).toEqual(["stove", "tent"]);
  });

  const camp = [
    plain("tent", { users: 2, similar: [["bag", 0.5]] }),
    plain("stove", { users: 2, similar: [["bag", 0.2]] }),
    plain("bag", { users: 2, category: "bags", price: 9 }),
  ];
  const loaded = async (asked: (items: string[]) => unknown) => {
    let isLoaded = false;
    const store = datastoreStore(
      itemStoreOf(camp, (items) => isLoaded && asked(items)),
      OPTIONS,
      50,
    );
    const model = await store.load(MODEL);
    isLoaded = true;
    return { store, model };
  };
  const unavailable = () => Promise.reject(new Error("14 UNAVAILABLE"));
  const ask = { browsed: ["tent", "unheard-of"], basket: ["stove"], purchased: [], n: 5 };

  it("asks once for all items of a request, and only for those that it does not remember", async () => {
    const asked: string[][] = [];
    const { model } = await loaded((items) => asked.push(items));
    const first = await answering(model)(ask);
    await answering(model)({ ...ask, browsed: [...ask.browsed, "bag"] });
    expect(await answering(model)(ask)).toEqual(first);
    expect(asked).toEqual([["tent", "unheard-of", "stove"], ["bag"]]);
  });

  it("shows popular items when Datastore fails, says how often, and answers again afterwards", async () => {
    let isDown = true;
    const { store, model } = await loaded(() => isDown && unavailable());
    const { results, missingIds } = await answering(model)(ask);
    expect(results[0]).toEqual({ item: "bag", score: 2, source: "popular", because: [] });
    expect(missingIds).toEqual([]);
    expect(store.lookups()).toMatchObject({ made: 1, failed: 1 });
    expect(store.trouble()?.message).toContain("1 of 1 lookups");
    isDown = false;
    expect((await answering(model)(ask)).results[0]).toMatchObject({ item: "bag", source: "model" });
    expect(store.trouble()).toBeNull();
  });

  it("keeps to a filter while Datastore is down", async () => {
    const { model } = await loaded(unavailable);
    const { results } = await answering(model)({ ...ask, filter: { price: { max: 10 } } });
    expect(results.map(({ item }) => item)).toEqual(["bag"]);
  });

  it("goes on with what it remembers while Datastore is down", async () => {
    let isDown = false;
    const { model } = await loaded(() => isDown && unavailable());
    await answering(model)({ ...ask, browsed: ["tent"], basket: [] });
    isDown = true;
    expect((await answering(model)(ask)).results[0]).toMatchObject({ item: "bag", source: "model" });
  });

  it("knows what the catalogue says of popular items while Datastore is down", async () => {
    const { store, model } = await loaded(unavailable);
    expect((await model.describe(["bag", "unheard-of"])).get("bag")).toMatchObject({ name: "name of bag" });
    expect((await model.describe(await model.list({ n: 9 }))).size).toBe(3);
    // For the one that is not popular.
    expect(store.lookups()).toMatchObject({ made: 1, failed: 1 });
  });

  it("tells an item's neighbours in both scenarios, and what the catalogue says of them", async () => {
    const { model } = await loaded(() => {});
    expect(await model.neighbours("tent", "similar")).toEqual([{ item: "bag", score: 0.5 }]);
    expect(await model.neighbours("tent", "together")).toEqual([]);
    expect(await model.neighbours("unheard-of", "similar")).toBeNull();
    const bag = { name: "name of bag", category: "bags", price: 9, available: true };
    expect(await model.describe(["bag", "unheard-of"])).toEqual(
      new Map([["bag", { ...bag, link: null, image: null }]]),
    );
  });
});
