import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRecommender, namedAnswer, type Query } from "../../../core/ranking/answer.ts";
import { createRanker } from "../../../core/ranking/ranker.ts";
import { decodeSnapshot } from "../../../core/model/decode.ts";
import { options, query, shop, shopWithCatalogue } from "../arbitrary-shop.ts";
import { plainAnswer, snapshotOf, type PlainItem } from "./plain-answer.ts";

const MODEL = "2026-11-21.1";
/** In a scope of users, too, or in one that there is not. */
const scopedQuery = fc
  .record({ query, scope: fc.constantFrom(undefined, "north", "nowhere") })
  .map(({ query, scope }): Query => ({ ...query, scope }));

describe("an answer from a snapshot", () => {
  it("is what the plain definition says, for any shop and any sequence of requests", () => {
    fc.assert(
      fc.property(
        fc.oneof(shop, shopWithCatalogue),
        fc.array(scopedQuery, { minLength: 1, maxLength: 4 }),
        options,
        (shop, queries, options) => {
          const recommend = createRecommender(decodeSnapshot(snapshotOf(shop)), MODEL, options);
          for (const query of queries)
            expect(recommend(query)).toEqual(plainAnswer(shop, query, options, MODEL));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is the same when it is worked out together with others", () => {
    fc.assert(
      fc.property(shop, fc.array(scopedQuery, { maxLength: 6 }), options, (shop, queries, options) => {
        const model = decodeSnapshot(snapshotOf(shop));
        const rank = createRanker(model, options);
        const alone = createRecommender(model, MODEL, options);
        const together = rank(queries).map((ranking) => namedAnswer(ranking, MODEL, model.idOf));
        expect(together).toEqual(queries.map((query) => alone(query)));
      }),
    );
  });

  const item = (id: string, change: Partial<PlainItem> = {}): PlainItem => ({
    id,
    category: null,
    price: null,
    available: true,
    users: 1,
    similar: [],
    together: [],
    ...change,
  });
  const camp = [
    item("tent", {
      category: "tents",
      users: 9,
      similar: [
        ["dome", 0.5],
        ["hut", 0.2],
      ],
      together: [["stove", 0.4]],
    }),
    item("dome", { category: "tents", users: 3, price: 80 }),
    item("hut", { category: "tents", users: 4, price: 300, available: false }),
    item("stove", { category: "stoves", users: 7, price: 30, similar: [["dome", 0.1]] }),
    item("mug", { category: "mugs", users: 8, price: 5 }),
  ];
  const weights = { view_item: 0.5, add_to_cart: 2, purchase: 6 };
  const uniform = { queryWeights: null, togetherWeights: null, includeInput: false };
  const ask = (query: Partial<Query>, options = uniform) =>
    createRecommender(
      decodeSnapshot(snapshotOf(camp)),
      MODEL,
      options,
    )({
      browsed: [],
      basket: [],
      purchased: [],
      n: 3,
      ...query,
    }).results;
  const shown = (query: Partial<Query>) => ask(query).map(({ item, source }) => `${item} ${source}`);

  it("fills up from the categories of the request first, then from the shop, and says so", () => {
    expect(shown({ browsed: ["dome"] })).toEqual([
      "tent popular_in_category",
      "mug popular",
      "stove popular",
    ]);
  });

  it("says because of what, with shares that add up", () => {
    const [dome] = ask(
      { browsed: ["tent"], basket: ["stove"] },
      { ...uniform, queryWeights: weights as never },
    );
    expect(dome).toMatchObject({ item: "dome", score: 0.45 });
    expect(dome.because).toEqual([
      { item: "tent", event: "view_item", share: 0.5556 },
      { item: "stove", event: "add_to_cart", share: 0.4444 },
    ]);
  });

  it("has another table for what goes together", () => {
    expect(shown({ browsed: ["tent"], n: 1 })).toEqual(["dome model"]);
    expect(shown({ browsed: ["tent"], n: 1, scenario: "together" })).toEqual(["stove model"]);
  });

  it("keeps to a filter, also where popular items fill it", () => {
    expect(shown({ browsed: ["tent"], filter: { price: { max: 100 } } })).toEqual([
      "dome model",
      "mug popular",
      "stove popular",
    ]);
    expect(shown({ browsed: ["tent"], filter: { category: "tents", available: true } })).toEqual([
      "dome model",
    ]);
    expect(shown({ browsed: ["tent"], filter: { category: "hats" } })).toEqual([]);
  });

  it("leaves out what is known to be sold out, unless the filter asks for it", () => {
    expect(shown({ browsed: ["tent"], filter: { category: "tents" } })).toEqual(["dome model"]);
    expect(shown({ browsed: ["tent"], filter: { available: false } })).toEqual(["hut model"]);
  });

  it("has no more of a category than asked for", () => {
    expect(shown({ browsed: ["tent"], maxPerCategory: 1 })).toEqual([
      "dome model",
      "mug popular",
      "stove popular",
    ]);
  });

  it("counts what was done last more when asked to", () => {
    const first = (browsed: string[]) => ask({ browsed, halfLife: 0.1, n: 1 })[0].because[0].item;
    expect(first(["tent", "stove"])).toBe("stove");
    expect(first(["stove", "tent"])).toBe("tent");
  });
});
