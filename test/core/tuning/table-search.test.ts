import { describe, expect, it } from "vitest";
import { EVENTS } from "../../../contracts/interactions.ts";
import { defaultsOf, SETTING_NAMES, type Settings } from "../../../contracts/settings/settings.ts";
import { tableSearch, type TableSearchRequest } from "../../../core/tuning/table-search.ts";

const search = (change: Partial<TableSearchRequest> = {}, settings: Partial<Settings> = {}) =>
  tableSearch({
    settings: { ...(defaultsOf(SETTING_NAMES) as Settings), ...settings },
    table: "similar",
    given: new Set(),
    events: [...EVENTS],
    ...change,
  });

describe("the space of a table", () => {
  it("has the present settings as a point, which stands for them", () => {
    const { present, settingsOf } = search();
    expect(settingsOf(present)).toEqual({
      "similar.method": "order",
      "similar.window": 50,
      "similar.distanceDecay": 0.5,
      "similar.backward": 0.8,
      "similar.alpha": 0.7,
      "similar.shrinkage": 10,
      halfLife: 10,
      queryWeights: { view_item: 0.5, add_to_cart: 2, purchase: 6 },
    });
  });

  it("has weights as multiples of that of the first event that histories have", () => {
    const { space, settingsOf } = search({ events: ["add_to_cart", "purchase"], only: "weights" });
    expect(Object.keys(space)).toEqual(["purchase"]);
    const weights = { view_item: 0.5, add_to_cart: 2, purchase: 1 };
    expect(settingsOf({ purchase: 0.5 })).toEqual({ queryWeights: weights });
  });

  it("begins with equal weights where queries are uniform", () => {
    const { present } = search({ only: "weights" }, { queryWeights: null });
    expect(present).toEqual({ add_to_cart: 1, purchase: 1 });
  });

  it("leaves out what the operator gave, for all tables or for this one", () => {
    const { space } = search({ given: new Set(["method", "similar.alpha", "shrinkage", "halfLife"]) });
    expect(Object.keys(space).sort()).toEqual([
      "add_to_cart",
      "backward",
      "distanceDecay",
      "purchase",
      "window",
    ]);
  });

  it("has the half-life with the main table only, since it is one setting of all", () => {
    expect(search().space).toHaveProperty("halfLife");
    expect(search({ table: "together" }).space).not.toHaveProperty("halfLife");
  });

  it("names the method that its knobs were found with, also where the operator chose it", () => {
    const { space, present, settingsOf } = search({ given: new Set(["method"]) }, { method: "cosine" });
    expect(Object.keys(space)).not.toContain("window");
    expect(settingsOf(present)).toMatchObject({ "similar.method": "cosine", "similar.alpha": 0.5 });
  });

  it("has no method that the shop's engine or events cannot have", () => {
    const methods = (settings: Partial<Settings>) =>
      (search({}, settings).space["method"] as { values?: string[] } | undefined)?.values;
    expect(methods({})).toEqual(["cosine", "order", "ridge"]);
    expect(methods({ engine: "bigquery" })).toEqual(["cosine", "order"]);
    expect(methods({ undated: "2026-11-21" })).toBeUndefined();
  });
});
