import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readGiven, readSettings, type SettingSources } from "../../adapters/settings.ts";
import { knobsOf } from "../../contracts/settings/similarity.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder();
const read = (sources: SettingSources) => readSettings({ env: {}, ...sources });
function settingsFile(content: string): string {
  const file = join(mkdtempSync(join(folder, "settings-")), "steamer.json");
  writeFileSync(file, content);
  return file;
}

describe("settings", () => {
  it("take the first of flag, environment, file and default", () => {
    const file = settingsFile('{ "cap": 1, "alpha": 0.8, "top": 7 }');
    const env = { STEAMER_CAP: "2", STEAMER_ALPHA: "0.7" };
    const settings = read({ file, env, flags: { cap: "3" } });
    expect(settings).toMatchObject({ cap: 3, alpha: 0.7, top: 7, minSupport: 1 });
  });

  it.each([
    ["map", "user=Customer ID,item=a=b", { user: "Customer ID", item: "a=b" }],
    ["eventNames", "view=view_item,*=purchase", { view: "view_item", "*": "purchase" }],
    ["eventWeights", "1,2,3", { view_item: 1, add_to_cart: 2, purchase: 3 }],
    ["queryWeights", "purchase=3,view_item=1,add_to_cart=2", { view_item: 1, add_to_cart: 2, purchase: 3 }],
    ["queryWeights", "uniform", null],
    ["events", "a.csv,b.csv", ["a.csv", "b.csv"]],
    ["allowMissingDays", "true", true],
    ["days", "7", 7],
  ] as const)("read %s from %s", (name, text, expected) => {
    expect(read({ flags: { [name]: text } })[name]).toEqual(expected);
  });

  it("turn a knob for all tables, or for one: by a flag, the environment or the file", () => {
    const file = settingsFile('{ "shrinkage": 7, "together.shrinkage": 0, "similar.mode": "dimsum" }');
    const env = { STEAMER_SIMILAR_MIN_SUPPORT: "3" };
    const flags = { "similar.eventWeights": "1,2,3" };
    const settings = read({ file, env, flags });
    expect(knobsOf(settings, "together")).toMatchObject({ shrinkage: 0, mode: "exact", minSupport: 1 });
    expect(knobsOf(settings, "similar")).toMatchObject({
      shrinkage: 7,
      mode: "dimsum",
      minSupport: 3,
      eventWeights: { view_item: 1, add_to_cart: 2, purchase: 3 },
    });
  });

  it("have defaults of their own for each method", () => {
    const settings = read({ flags: { "similar.method": "order", "together.method": "cosine" } });
    expect(knobsOf(settings, "similar")).toMatchObject({
      method: "order",
      cap: 0,
      shrinkage: 10,
      alpha: 0.7,
    });
    expect(knobsOf(settings, "together")).toMatchObject({
      method: "cosine",
      cap: 500,
      shrinkage: 5,
      alpha: 0.5,
    });
  });

  it.each([
    [{ mode: "dimsum" }, /mode is dimsum/],
    [{ vectors: "weighted" }, /vectors are weighted/],
    [{ undated: "2026-11-21" }, /undated gives all events one time/],
  ])("refuse methods that go by the order of time with %j", (flags, why) => {
    for (const method of ["order", "ridge"])
      expect(() => read({ flags: { ...flags, "similar.method": method } })).toThrow(why);
    expect(knobsOf(read({ flags }), "similar").method).toBe("cosine");
  });

  it.each([
    [{ method: "ridge" }, /solves no regressions.*set method to order, or engine to dataproc/s],
    [{ mode: "dimsum" }, /exact only.*set mode to exact/s],
  ])("refuse what the BigQuery engine has not got: %j", (flags, why) => {
    const inCloud = { ...flags, engine: "bigquery", data: "gs://shop-data" };
    expect(() => read({ flags: inCloud })).toThrow(why);
    expect(read({ flags: { ...inCloud, engine: "dataproc" } })).toMatchObject(flags);
    expect(read({ flags: { ...inCloud, data: "data" } })).toMatchObject(flags);
  });

  it("take PORT, as Cloud Run gives it", () => {
    expect(read({ env: { PORT: "9000" } }).port).toBe(9000);
  });

  it.each([
    [{ flags: { alpha: "2" } }, "Reading the setting --alpha: 2 does not fit: it must be <= 1"],
    [
      { env: { STEAMER_DAYS: "soon" } },
      'Reading the setting STEAMER_DAYS: "soon" does not fit: it must be integer',
    ],
    [{ flags: { "similar.alpha": "2" } }, "Reading the setting --similar.alpha: 2 does not fit"],
    [{ env: { STEAMER_TOGETHER_TOP: "many" } }, "Reading the setting STEAMER_TOGETHER_TOP"],
    [{ file: settingsFile('{ "other.top": 5 }') }, "there is no such setting"],
    [{ flags: { mode: "fast" } }, "it is one of exact, dimsum"],
    [{ flags: { map: "usr=a" } }, "Reading the setting --map"],
    [{ flags: { eventNames: "view=viewed" } }, "Reading the setting --event-names"],
    [{ flags: { eventWeights: "1,2" } }, "Reading the setting --event-weights"],
    [{ flags: { eventWeights: "0.5,,6" } }, "Reading the setting --event-weights"],
    [{ flags: { queryWeights: "1,2,3,4" } }, "Reading the setting --query-weights"],
    [{ flags: { lastDay: "2026-13-45" } }, "Reading the setting --last-day"],
    [{ file: settingsFile("null") }, "it is not a JSON object"],
    [{ flags: { lastDay: "yesterday" } }, "Reading the setting --last-day"],
    [{ flags: { shop: "../etc" } }, "Reading the setting --shop"],
    [{ file: settingsFile('{ "capp": 1 }') }, "there is no such setting"],
    [{ file: settingsFile("{ cap: 1 }") }, "Reading settings from"],
    [{ file: join(folder, "nowhere.json") }, "no such file"],
  ] as [SettingSources, string][])("that do not fit are named with their origin: %j", (sources, message) => {
    expect(() => read(sources)).toThrow(message);
  });
});

describe("tuned settings", () => {
  const tuned = {
    "similar.method": "order",
    "similar.window": 20,
    "similar.alpha": 0.9,
    halfLife: 3,
  };

  it("stand where nobody gives another value", () => {
    expect(read({ tuned, flags: { alpha: "0.6" } })).toMatchObject({
      "similar.window": 20,
      halfLife: 3,
    });
    expect(read({ tuned, flags: { alpha: "0.6" } })["similar.alpha"]).toBeUndefined();
    expect(read({ tuned, env: { STEAMER_HALF_LIFE: "10" } }).halfLife).toBe(10);
  });

  it.each([
    { "similar.method": "cosine" },
    { method: "cosine" },
    { mode: "dimsum" },
    { vectors: "weighted" },
  ])("of a table are left out where it is made otherwise: %o", (flags) => {
    const { window, alpha, method } = knobsOf(read({ tuned, flags }), "similar");
    expect({ window, alpha, method }).toEqual({ window: 50, alpha: 0.5, method: "cosine" });
  });

  it("of a table count where the operator chose the method that they were found with", () => {
    expect(read({ tuned, flags: { method: "order" } })["similar.alpha"]).toBe(0.9);
    const found = { "similar.method": "cosine", "similar.alpha": 0.4 };
    expect(read({ tuned: found, flags: { undated: "2026-11-21" } })["similar.alpha"]).toBe(0.4);
    expect(read({ tuned, flags: { undated: "2026-11-21" } })["similar.alpha"]).toBeUndefined();
  });

  it("are not among those that the operator gave", () => {
    expect([...readGiven({ env: {}, tuned, flags: { alpha: "0.6" } }).given]).toEqual(["alpha"]);
  });
});
