import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareUtf8 } from "../../../core/text/order.ts";
import { atOnce, decodeSnapshot } from "../../../core/model/decode.ts";
import { datastoreStore } from "../../../recommender/model/datastore/datastore-store.ts";
import { countedCategories, listedItems } from "../../../recommender/model/listing.ts";
import { snapshotOf, type PlainItem } from "../../core/ranking/plain-answer.ts";
import { itemStoreOf } from "./datastore/item-store.ts";

const CATEGORIES = ["a", "B", "c d"];
const item: fc.Arbitrary<PlainItem> = fc.record({
  id: fc.string({ minLength: 1, maxLength: 4 }),
  category: fc.option(fc.constantFrom(...CATEGORIES)),
  price: fc.constant(null),
  available: fc.boolean(),
  users: fc.nat(5),
  similar: fc.constant([]),
  together: fc.constant([]),
});
const shops = fc.uniqueArray(item, { selector: ({ id }) => id, minLength: 1, maxLength: 30 });
const listing = fc.record({
  category: fc.option(fc.constantFrom(...CATEGORIES, "none"), { nil: undefined }),
  search: fc.option(fc.oneof(fc.string({ maxLength: 3 }), fc.constant("NAME of")), { nil: undefined }),
  n: fc.integer({ min: 1, max: 40 }),
});

describe("a list of items", () => {
  it("has those of the category with all the words, the most popular first, from either store", async () => {
    await fc.assert(
      fc.asyncProperty(shops, listing, async (shop, asked) => {
        const words = (asked.search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
        const expected = shop
          .filter(({ category }) => asked.category === undefined || category === asked.category)
          .filter(({ id }) => words.every((word) => `${id} name of ${id}`.toLowerCase().includes(word)))
          .sort((a, b) => b.users - a.users || compareUtf8(a.id, b.id))
          .slice(0, asked.n)
          .map(({ id }) => id);
        const snapshot = decodeSnapshot(snapshotOf(shop));
        expect(atOnce(listedItems(snapshot, asked))).toEqual(expected);
        const options = { queryWeights: null, togetherWeights: null, includeInput: false };
        const stored = await datastoreStore(itemStoreOf(shop), options, 10_000).load("2026-11-21.1");
        expect(await stored.list(asked)).toEqual(expected);
        expect(stored.categories()).toEqual(countedCategories(snapshot));
      }),
    );
  });

  it("of a large shop is made in steps", () => {
    const plain = (id: string): PlainItem => ({
      id,
      category: null,
      price: null,
      available: true,
      users: 1,
      similar: [],
      together: [],
    });
    const snapshot = decodeSnapshot(snapshotOf(Array.from({ length: 3500 }, (_, k) => plain(`item-${k}`))));
    expect([...listedItems(snapshot, { search: "nothing like it", n: 10 })]).toHaveLength(3);
  });
});
