import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNight } from "../../adapters/local/drive.ts";
import { readSettings } from "../../adapters/settings.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import { createClient, type Client } from "../../client.ts";
import type { Manifest } from "../../contracts/manifest.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { temporaryFolder } from "../temporary.ts";

const data = temporaryFolder();
const catalogue = join(data, "catalogue.csv");
const events = join(data, "events.csv");

/** Everybody has looked at all of it. */
const ITEMS = ["lamp-red", "lamp-blue", "pot", "cup", "jug", "rug"];
const VIEWS = Array.from({ length: 9 }, (_, k) =>
  ITEMS.slice(0, ITEMS.length - (k % 2)).map((item) => `user-${k},${item},view_item,2026-11-21T10:00:00Z`),
);

async function night(rows: string[], more: object = {}): Promise<Manifest> {
  writeFileSync(events, ["user,item,event,time", ...VIEWS.flat()].join("\n"));
  writeFileSync(catalogue, rows.join("\n"));
  const values = { data, events: [events], catalogue, port: 0, "als.factors": 0, ...more };
  return runNight(readSettings({ file: { path: "none", values }, env: {} }), "a test");
}

describe("a night with a catalogue", () => {
  let server: Server;
  let client: Client;
  let manifest: Manifest;
  beforeAll(async () => {
    manifest = await night([
      "id,title,category,price,availability,group",
      "lamp-red,Red lamp,Light > Lamps|Sale,12.50 EUR,in stock,lamp",
      "lamp-blue,Blue lamp,Light > Lamps,12.50 EUR,in stock,lamp",
      "pot,Pot,Kitchen,20 EUR,out of stock,",
      "cup,Cup,Kitchen,5 EUR,yes,",
      "jug,Jug,Kitchen,,perhaps,",
      "car,Car,Cars,9999,in stock,",
    ]);
    const file = { path: "none", values: { data, port: 0 } };
    server = await serve({ settings: readSettings({ file, env: {} }), objects: fileObjects(data) });
    client = createClient({ url: `${server.url}/` });
  });
  afterAll(() => server.close());

  const items = async (body: Parameters<Client["recommend"]>[0]) =>
    (await client.recommend({ n: 10, ...body })).results.map(({ item }) => item).sort();

  it("says what it read, and what it left out", () => {
    expect(manifest.stages.load.metrics!["catalogue"]).toMatchObject({
      rows: 6,
      items: 6,
      matched: 5,
      available: 4,
      soldOut: 1,
      faults: { unread_availability: 1 },
    });
    expect(manifest.warnings).toContain(
      "Of the catalogue 1 values were left out: the availability is no word or number that is known.",
    );
  });

  it("leaves out what is sold out, from neighbours and from what fills an answer", async () => {
    expect(await items({ browsed: ["rug"] })).not.toContain("pot");
    expect(await items({})).not.toContain("pot");
    expect((await client.popular()).results.map(({ item }) => item)).not.toContain("pot");
  });

  it("has what is in stock, or sold out, by a filter, and says how much of the shop is unknown", async () => {
    expect(await items({ browsed: ["rug"], filter: { available: true } })).toEqual(["cup", "lamp-blue"]);
    expect(await items({ browsed: ["rug"], filter: { available: false } })).toEqual(["pot"]);
    const { unknownAvailability } = await client.recommend({ filter: { available: true } });
    expect(unknownAvailability).toBe(2);
    expect(await client.recommend({})).not.toHaveProperty("unknownAvailability");
  });

  it("shows one variant of a product, and none of one that was in the request", async () => {
    expect(await items({ browsed: ["rug"] })).toEqual(["cup", "jug", "lamp-blue"]);
    expect(await items({ browsed: ["lamp-red"] })).toEqual(["cup", "jug", "rug"]);
  });

  it("knows several categories of an item, and prices, as the catalogue says", async () => {
    expect(await items({ filter: { category: "Sale" } })).toEqual(["lamp-red"]);
    expect(await items({ filter: { category: "Lamps" } })).toEqual(["lamp-blue"]);
    expect(await items({ filter: { price: { max: 5 } } })).toEqual(["cup"]);
    const { item } = await client.neighbours("cup");
    expect(item).toEqual({ item: "cup", name: "Cup", category: "Kitchen", price: 5, available: true });
  });
});

describe("a night", () => {
  it("says that a catalogue has other ids than the events, and how to name the column", async () => {
    const { warnings } = await night(["id,sku,title", "1,pot,Pot", "2,cup,Cup"]);
    expect(warnings.join()).toContain("Only 0 of the model's 6 items are in the catalogue");
    expect(warnings.join()).toContain("--catalogue-map id=<column>");
  });

  it("fails with a catalogue that cannot be read; the old model goes on serving", async () => {
    const { stages } = await night(["title", "Pot"]);
    expect(stages.load).toMatchObject({ state: "failed", reason: expect.stringContaining("column of ids") });
  });
});
