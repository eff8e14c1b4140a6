import fc from "fast-check";
import type { AnswerOptions, Query } from "../../core/ranking/answer.ts";
import { compareUtf8 } from "../../core/text/order.ts";
import type { PlainItem } from "./ranking/plain-answer.ts";

// Ids whose order by UTF-16 units is not that of their bytes, and such as JSON escapes; ties are
// frequent, so order shows.
const IDS = [
  ..."abcdefghij",
  "\uff5e",
  "\u{1F600}",
  "a:1",
  "__proto__",
  "\u{10FFFF}b",
  "é",
  'a"b\\',
  "\n\u0001\u007f",
];
const id = fc.constantFrom(...IDS);
const category = fc.constantFrom("tents", "stoves", "bags", null);
const list = fc.uniqueArray(fc.tuple(id, fc.constantFrom(0.1, 0.25, 0.5, 0.333333, 0.000001)), {
  selector: ([id]) => id,
  maxLength: 6,
});

/** Shops of few items, with neighbours best first. */
export const shop: fc.Arbitrary<PlainItem[]> = fc
  .uniqueArray(
    fc.record({
      id,
      category,
      similar: list,
      together: list,
      price: fc.constantFrom(null, 0, 5, 9.99, 20),
      available: fc.constantFrom(true, true, false, null),
      users: fc.integer({ min: 1, max: 4 }),
      north: fc.integer({ min: 0, max: 2 }),
    }),
    { selector: ({ id }) => id, minLength: 1 },
  )
  .map((items) => {
    const ids = new Set(items.map(({ id }) => id));
    const inOrder = (own: string, list: PlainItem["similar"]) =>
      list.filter(([id]) => id !== own && ids.has(id)).sort(([a, x], [b, y]) => y - x || compareUtf8(a, b));
    return items.map((item) => ({
      ...item,
      similar: inOrder(item.id, item.similar),
      together: inOrder(item.id, item.together),
    }));
  });

/** Shops with a catalogue: several categories of an item, and variants of products. */
export const shopWithCatalogue: fc.Arbitrary<PlainItem[]> = fc
  .tuple(shop, fc.infiniteStream(fc.tuple(fc.integer({ min: -3, max: 2 }), fc.boolean())))
  .map(([items, said]) =>
    items.map((item) => {
      const [product, isSale] = said.next().value as [number, boolean];
      const further = isSale ? ["hats"] : [];
      // A product is in one category.
      return product < 0 ? { ...item, further } : { ...item, product, further, category: `of ${product}` };
    }),
  );

const ids = fc.array(fc.oneof(id, fc.constant("unheard-of")), { maxLength: 5 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const filter = fc.record(
  {
    category: fc.constantFrom("tents", "stoves", "hats"),
    available: fc.boolean(),
    price: fc.record({ min: fc.constantFrom(0, 5), max: fc.constantFrom(5, 10) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

export const query: fc.Arbitrary<Query> = fc.record({
  browsed: ids,
  basket: ids,
  purchased: ids,
  exclude: optional(ids),
  filter: optional(filter),
  n: fc.integer({ min: 1, max: 12 }),
  scenario: optional(fc.constantFrom("similar", "together")),
  maxPerCategory: optional(fc.integer({ min: 1, max: 3 })),
  halfLife: optional(fc.constantFrom(0.5, 1, 3)),
});

const weights = fc.constantFrom(
  null,
  { view_item: 0.5, add_to_cart: 2, purchase: 6 },
  { view_item: 0, add_to_cart: 1, purchase: 1 },
);
export const options: fc.Arbitrary<AnswerOptions> = fc.record({
  queryWeights: weights,
  togetherWeights: weights,
  includeInput: fc.boolean(),
});
export const blockList = fc.array(id, { maxLength: 3 });
