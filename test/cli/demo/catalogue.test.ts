import { describe, expect, it } from "vitest";
import { MAX_ITEMS, MIN_ITEMS, makeCatalogue } from "../../../cli/demo/catalogue.ts";
import { INTERESTS } from "../../../cli/demo/goods.ts";

const distinct = (values: string[]) => new Set(values).size;

describe("the word lists", () => {
  it("have two interests in each of 16 categories, and eight product types in each interest", () => {
    expect(INTERESTS).toHaveLength(32);
    expect(distinct(INTERESTS.map(({ category }) => category))).toBe(16);
    INTERESTS.forEach(({ category }, k) => expect(INTERESTS[k ^ 1].category).toBe(category));
    for (const { types } of INTERESTS) expect(types).toHaveLength(8);
  });

  it("give each product type four styles, three finishes and a price range", () => {
    for (const type of INTERESTS.flatMap(({ types }) => types)) {
      expect([distinct(type.styles), distinct(type.finishes)], type.noun).toEqual([4, 3]);
      expect(type.price[0], type.noun).toBeLessThan(type.price[1]);
    }
  });
});

describe("the catalogue", () => {
  it.each([MIN_ITEMS, 600, 3000, MAX_ITEMS])("has %i products with ids and names of their own", (count) => {
    const items = makeCatalogue(count, 1);
    expect(items).toHaveLength(count);
    expect(distinct(items.map(({ item }) => item))).toBe(count);
    expect(distinct(items.map(({ name }) => name))).toBe(count);
  });

  it("has ids that need no quoting in an address, a shell or a CSV file", () => {
    for (const { item } of makeCatalogue(MAX_ITEMS, 1)) expect(item).toMatch(/^[a-z-]{3,20}-\d{3}$/);
  });

  it("names products as a shop would", () => {
    const names = new Map(makeCatalogue(3000, 1).map(({ item, name }) => [item, name]));
    expect(names.get("tent-002")).toBe("Dome Tent, Green");
    expect(names.get("chefs-knife-004")).toBe("Damascus Chef's Knife, Black");
    expect(names.get("nordic-noir-001")).toBe("The Frozen Fjord: Nordic Noir, Paperback");
  });

  it("asks more for the better styles, and has a few products sold out", () => {
    const items = makeCatalogue(3000, 1);
    const tents = items.filter(({ item }) => item.startsWith("tent-"));
    expect(tents.find(({ style }) => style === 3)!.price).toBeGreaterThan(3 * tents[0].price);
    const soldOut = items.filter(({ available }) => !available).length;
    expect(soldOut / items.length).toBeGreaterThan(0.01);
    expect(soldOut / items.length).toBeLessThan(0.06);
  });
});
