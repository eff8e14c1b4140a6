import { describe, expect, it } from "vitest";
import { unviewedWarnings } from "../../../night/run/unviewed-items.ts";

const warned = (viewed: string[], bought: string[]) => {
  const ids = [...new Set([...viewed, ...bought])];
  const has = (list: string[]) => ids.map((id) => (list.includes(id) ? 2 : 0));
  return unviewedWarnings({ ids, views: has(viewed), purchases: has(bought) });
};

describe("items that were bought and never viewed", () => {
  it.each([
    ["case", "sku-1a", "SKU-1A"],
    ["blanks", "SKU 1A", " SKU1A"],
    ["zeros", "4711", "0004711"],
    ["a variant that was bought", "MUG0", "MUG0-BLUE"],
    ["a variant of two parts", "MUG0", "mug0_BLUE_XL"],
    ["a variant that was viewed", "MUG0-BLUE", "MUG0"],
    ["two variants of one product", "MUG0-RED", "MUG0-BLUE"],
  ])("are named with their likely twin: %s", (_, seen, bought) => {
    expect(warned([seen, "TENT9", "tea"], [bought, "tea"])).toEqual([
      `1 of 2 items that were bought were never viewed; the likely twins: ${JSON.stringify(bought)} of ${JSON.stringify(seen)}. Do views and purchases name items in two ways? --item-alias joins them`,
    ]);
  });

  it("are counted where no viewed item is like them", () => {
    const one = "1 of 1 items that were bought were never viewed";
    expect(warned(["MUG-BLUE"], ["TENT-BLUE"])).toEqual([one]);
    expect(warned(["gift-card"], ["gift-wrap"])).toEqual([one]);
    expect(warned(["tea"], ["tea"])).toEqual([]);
    expect(warned([], ["tea"])).toEqual([]);
  });
});
