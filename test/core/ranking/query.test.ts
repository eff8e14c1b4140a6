import { describe, expect, it } from "vitest";
import { unknownStock } from "../../../core/ranking/stock.ts";
import { createRecommender, type RecommenderModel } from "../../../core/ranking/answer.ts";
import { evaluate, neighbours, recommend, type Row } from "../../../core/library.ts";
import { recommendationCases, type RecommendationCase } from "../../golden.ts";

/** A model with just these neighbours. */
function modelOf(lists: RecommendationCase["neighbours"]): RecommenderModel {
  const ids = Object.keys(lists);
  const flat = Object.values(lists);
  const offset = new Int32Array(ids.length + 1);
  flat.forEach((list, i) => (offset[i + 1] = offset[i] + list.length));
  const similar = {
    offset,
    item: Int32Array.from(flat.flat(), ([id]) => ids.indexOf(id)),
    score: Int32Array.from(flat.flat(), ([, score]) => Math.round(score * 1e6)),
  };
  const rows = Int32Array.from(ids, (_, row) => row);
  return {
    items: ids.length,
    tableOf: () => similar,
    popular: rows,
    users: rows,
    findAll: (given) => given.map((id) => ids.indexOf(id)),
    idOf: (row) => ids[row],
    findCategory: () => -1,
    categoryOf: () => -1,
    popularIn: () => new Int32Array(),
    isIn: () => false,
    variants: null,
    stock: unknownStock(ids.length),
    scopeItems: () => undefined,
  };
}

describe("golden recommendations", () => {
  it.each(recommendationCases)(
    "$name",
    ({ neighbours: lists, queryWeights, includeInput, query, results }) => {
      const answer = createRecommender(modelOf(lists), "golden", {
        queryWeights,
        togetherWeights: queryWeights,
        includeInput,
      })({
        ...query,
        n: 10,
      });
      const found = answer.results.filter(({ source }) => source === "model");
      expect(found.map(({ item, score }) => [item, score])).toEqual(results);
    },
  );
});

const shop: Row[] = [
  ...["ann", "bob", "cleo"].flatMap((user) => ["tent", "stove"].map((item) => ({ user, item }))),
  ...["dan", "eve"].flatMap((user) => ["tent", "bag"].map((item) => ({ user, item }))),
  { user: "fay", item: "mug" },
];

describe("an answer", () => {
  const model = neighbours(shop);

  it("lists what others liked, best first, and says where each result comes from", () => {
    const { results } = recommend(model, { browsed: ["tent"] });
    expect(results.map(({ item, source }) => [item, source])).toEqual([
      ["stove", "model"],
      ["bag", "model"],
      ["mug", "popular"],
    ]);
  });

  it("is filled with popular items when nothing of the request is known, and names what is missing", () => {
    const { results, missingIds } = recommend(model, { browsed: ["unheard-of", "unheard-of"], n: 2 });
    expect(results).toEqual([
      { item: "tent", score: 5, source: "popular", because: [] },
      { item: "stove", score: 3, source: "popular", because: [] },
    ]);
    expect(missingIds).toEqual(["unheard-of"]);
  });

  it("never shows what the customer has already, unless asked to", () => {
    const query = { browsed: ["tent"], purchased: ["stove"], n: 4 };
    const shown = (includeInput: boolean) =>
      recommend(model, query, { includeInput }).results.map(({ item }) => item);
    expect(shown(false)).toEqual(["bag", "mug"]);
    expect(shown(true).slice(0, 2)).toEqual(["tent", "stove"]);
  });

  it("counts an item once within a list", () => {
    const once = recommend(model, { browsed: ["tent"] });
    expect(recommend(model, { browsed: ["tent", "tent"] })).toEqual(once);
  });

  it("is right for the heaviest weights and longest lists", () => {
    const rows = Array.from({ length: 400 }, (_, k) => ({ user: `u${k % 40}`, item: `i${k % 97}` }));
    const big = neighbours(rows);
    const query = { purchased: Array.from({ length: 90 }, (_, k) => `i${k}`), n: 5 };
    const asked = (weight: number) => {
      const queryWeights = { view_item: weight, add_to_cart: weight, purchase: weight };
      return recommend(big, query, { queryWeights }).results.map(({ item }) => item);
    };
    expect(asked(1000)).toEqual(asked(1));
  });

  it("does not depend on the requests before it", () => {
    const first = recommend(model, { browsed: ["tent"] });
    recommend(model, { browsed: ["bag"], basket: ["stove"] });
    expect(recommend(model, { browsed: ["tent"] })).toEqual(first);
  });
});

describe("evaluation", () => {
  it("gives the values that one can work out by hand", () => {
    const model = neighbours(shop);
    // dan: stove is first of [stove]; fay has no neighbours; gus was never seen, and neither was
    // the lamp.
    const test = [
      { user: "dan", item: "stove" },
      { user: "dan", item: "lamp" },
      { user: "fay", item: "tent" },
      { user: "gus", item: "tent" },
    ];
    const quality = evaluate(model, shop, test);
    expect(quality.recall10).toBeCloseTo(1 / 2 / 3);
    expect(quality.ndcg10).toBeCloseTo(1 / (1 + 1 / Math.log2(3)) / 3);
    expect(quality.mrr10).toBeCloseTo(1 / 3);
    expect(quality.coverage10).toBeCloseTo(1 / 4);
    expect(evaluate(model, shop, [...test, ...test])).toEqual(quality);
  });
});
