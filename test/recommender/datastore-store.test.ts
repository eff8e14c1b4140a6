import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ItemNeighbours, NeighbourEntities } from "../../adapters/gcp/datastore.ts";
import { POPULAR_ITEMS } from "../../contracts/datastore.ts";
import { createRecommender } from "../../core/answer.ts";
import { neighbours, type ItemModel } from "../../core/library.ts";
import { datastoreStore } from "../../recommender/datastore-store.ts";
import { goldenEntities, goldenModel, goldenSnapshot } from "../golden-model.ts";

const MODEL = "2026-11-21.1";
const OPTIONS = { queryWeights: { view_item: 0.5, add_to_cart: 2, purchase: 6 }, includeInput: false };
const nothing: ReadonlySet<string> = new Set();

/** A model as it lies in Datastore. `ask` is called before each lookup. */
function entitiesOf(model: ItemModel, ask: (items: string[]) => unknown = () => {}): NeighbourEntities {
  const ids = Array.from({ length: model.items }, (_, row) => model.idOf(row));
  const entities = new Map<string, ItemNeighbours>(
    ids.map((id) => {
      const list = model.neighboursOf(id);
      return [id, { items: list.map(({ item }) => item), scores: list.map(({ score }) => score) }];
    }),
  );
  const popular = [...model.popular].slice(0, POPULAR_ITEMS);
  return {
    async neighbours(_model, items) {
      await ask(items);
      return new Map(items.flatMap((id) => (entities.has(id) ? [[id, entities.get(id)!]] : [])));
    },
    popular: async () => ({
      popular: popular.map((row) => model.idOf(row)),
      users: popular.map((row) => model.users[row]),
    }),
  };
}

const loaded = (model: ItemModel, ask?: (items: string[]) => unknown) => {
  const store = datastoreStore(entitiesOf(model, ask), OPTIONS, 50);
  return { store, model: store.load(MODEL) };
};

describe("the store in Datastore", () => {
  // Ids whose order by UTF-16 units is not that of their bytes; ties are frequent, so order shows.
  const id = fc.constantFrom(..."abcdefghij", "~", "\u{1F600}", "a:1", "__proto__", "\u{10FFFF}b", "é");
  const rows = fc.array(fc.record({ user: fc.constantFrom(..."uvwxyz"), item: id }), {
    minLength: 1,
    maxLength: 60,
  });
  const list = fc.array(fc.oneof(id, fc.constant("unheard-of")), { maxLength: 6 });
  const query = fc.record({
    browsed: list,
    basket: list,
    purchased: list,
    n: fc.integer({ min: 1, max: 20 }),
  });

  it("answers as the snapshot does, whatever the model, the queries and the block list", async () => {
    const blockList = fc.array(id, { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows,
          blockList,
          queries: fc.array(query, { minLength: 1, maxLength: 4 }),
          includeInput: fc.boolean(),
        }),
        async ({ rows, blockList, queries, includeInput }) => {
          const model = neighbours(rows, { top: 3 });
          const options = { ...OPTIONS, includeInput };
          const inMemory = createRecommender(model, MODEL, options);
          const stored = await datastoreStore(entitiesOf(model), options).load(MODEL);
          const blocked = new Set(blockList);
          for (const query of queries) {
            const expected = inMemory(query, { has: (row) => blocked.has(model.idOf(row)) });
            expect(await stored.recommend(query, blocked)).toEqual(expected);
          }
        },
      ),
    );
  });

  it("answers from the golden entities, which templates/ writes, as from the golden snapshot", async () => {
    const inMemory = createRecommender(goldenSnapshot(), goldenModel.model, OPTIONS);
    const { recommend } = await datastoreStore(goldenEntities(), OPTIONS).load(goldenModel.model);
    for (const { item } of goldenModel.catalogue) {
      const query = { browsed: [item, "unheard-of"], basket: ["007"], purchased: [], n: 5 };
      expect(await recommend(query, nothing)).toEqual(inMemory(query));
    }
  });

  it("fills the longest answer of the largest query with popular items", async () => {
    const rows = Array.from({ length: 2000 }, (_, k) => ({ user: `u${k}`, item: `item-${k}` }));
    const model = neighbours(rows);
    const items = [...model.popular].map((row) => model.idOf(row));
    const query = {
      browsed: items.slice(0, 200),
      basket: items.slice(200, 400),
      purchased: items.slice(400, 600),
      n: 100,
    };
    const answer = await (await loaded(model).model).recommend(query, nothing);
    expect(answer).toEqual(createRecommender(model, MODEL, OPTIONS)(query));
    expect(answer.results).toHaveLength(100);
  });

  const shop = neighbours(
    ["ann", "bob"].flatMap((user) => ["tent", "stove", "bag"].map((item) => ({ user, item }))),
  );
  const unavailable = () => Promise.reject(new Error("14 UNAVAILABLE"));
  const ask = { browsed: ["tent", "unheard-of"], basket: ["stove"], purchased: [], n: 5 };

  it("asks once for all items of a request, and only for those that it does not remember", async () => {
    const asked: string[][] = [];
    const model = await loaded(shop, (items) => asked.push(items)).model;
    const first = await model.recommend(ask, nothing);
    await model.recommend({ ...ask, browsed: [...ask.browsed, "bag"] }, nothing);
    expect(await model.recommend(ask, nothing)).toEqual(first);
    expect(asked).toEqual([["tent", "unheard-of", "stove"], ["bag"]]);
  });

  it("shows popular items when Datastore fails, says how often, and answers again afterwards", async () => {
    let isDown = true;
    const { store, model } = loaded(shop, () => isDown && unavailable());
    const { recommend } = await model;
    const { results, missingIds } = await recommend(ask, nothing);
    expect(results).toEqual([{ item: "bag", score: 2, source: "popular" }]);
    expect(missingIds).toEqual([]);
    expect(store.trouble()?.message).toContain("1 of 1 lookups");
    isDown = false;
    expect((await recommend(ask, nothing)).results).toEqual([
      { item: "bag", score: 0.714285, source: "model" },
    ]);
    expect(store.trouble()).toBeNull();
  });

  it("goes on with what it remembers while Datastore is down", async () => {
    let isDown = false;
    const { model } = loaded(shop, () => isDown && unavailable());
    const { recommend } = await model;
    await recommend({ ...ask, browsed: ["tent"], basket: [] }, nothing);
    isDown = true;
    expect((await recommend(ask, nothing)).results[0]).toMatchObject({ item: "bag", source: "model" });
  });
});
