import { describe, expect, it } from "vitest";
import { unknownStock } from "../../../core/ranking/stock.ts";
import { createRecommender, type Query, type RecommenderModel } from "../../../core/ranking/answer.ts";
import { MOST_LOOKED_AT } from "../../../core/ranking/popular.ts";

const WEIGHTS = { view_item: 1, add_to_cart: 1, purchase: 1 };
const cheap = { price: { max: 5 } };

/** A shop of so many items, the most popular first, in turn of category 0 and 1; some are cheap. */
function shop(items: number, isCheap: (row: number) => boolean, change: Partial<RecommenderModel> = {}) {
  let looks = 0;
  const empty = { offset: new Int32Array(items + 1), item: new Int32Array(), score: new Int32Array() };
  const rows = Int32Array.from({ length: items }, (_, row) => row);
  const model: RecommenderModel = {
    items,
    tableOf: () => empty,
    popular: rows,
    users: rows.toReversed(),
    popularIn: (category) => rows.filter((row) => row % 2 === category),
    findAll: (ids) => ids.map(Number),
    idOf: String,
    findCategory: () => -1,
    categoryOf: (row) => row % 2,
    isIn: (row, category) => row % 2 === category,
    variants: null,
    stock: {
      ...unknownStock(items),
      priceOf(row) {
        looks++;
        return isCheap(row) ? 1 : 100;
      },
    },
    scopeItems: () => undefined,
    ...change,
  };
  const options = { queryWeights: WEIGHTS, togetherWeights: WEIGHTS, includeInput: false };
  const recommend = createRecommender(model, "m", options);
  return (query: Partial<Query>) => {
    looks = 0;
    const { results } = recommend({ browsed: [], basket: [], purchased: [], n: 10, ...query });
    return { looks, items: results.map(({ item }) => Number(item)) };
  };
}

describe("popular items that fit a filter", () => {
  it("are found far down", () => {
    const last = MOST_LOOKED_AT - 1;
    expect(shop(MOST_LOOKED_AT, (row) => row === last)({ filter: cheap }).items).toEqual([last]);
  });

  it("are not looked for until others would wait, in a very large shop", () => {
    const found = shop(3 * MOST_LOOKED_AT, () => false)({ browsed: ["0"], filter: cheap });
    expect(found.items).toEqual([]);
    // A price is compared with two ends; there are two passes.
    expect(found.looks).toBeLessThanOrEqual(4 * MOST_LOOKED_AT);
  });

  it("are found in other categories when none of the customer's fits, however large those are", () => {
    const answer = shop(3 * MOST_LOOKED_AT, (row) => row % 2 === 1);
    expect(answer({ browsed: ["0"], filter: cheap, n: 3 }).items).toEqual([1, 3, 5]);
  });
});

describe("at most so many of a category", () => {
  it("leaves the places to others, however large the category is", () => {
    const items = 3 * MOST_LOOKED_AT;
    // One item of category 1, far down; it is the customer's too.
    const other = items - 1;
    const categoryOf = (row: number) => (row === other || row === other - 2 ? 1 : 0);
    const inCategory = [0, 1].map((category) =>
      Int32Array.from({ length: items }, (_, row) => row).filter((row) => categoryOf(row) === category),
    );
    const answer = shop(items, () => true, { categoryOf, popularIn: (category) => inCategory[category] });
    expect(answer({ browsed: ["0", `${other}`], maxPerCategory: 1, n: 2 }).items).toEqual([1, other - 2]);
  });
});
