import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNight } from "../../adapters/local/drive.ts";
import { readSettings } from "../../adapters/settings.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import { createClient, type Client } from "../../client.ts";
import type { RecommendationAnswer } from "../../contracts/http/recommendation.ts";
import type { Manifest } from "../../contracts/manifest.ts";
import { pushStock, readStockPointer } from "../../night/state/stock.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { temporaryFolder } from "../temporary.ts";
import { steamer } from "./steamer.ts";

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
      "id,title,category,price,availability,group,link",
      "lamp-red,Red lamp,Light > Lamps|Sale,12.50 EUR,in stock,lamp",
      'lamp-blue,"Blue ""lamp""",Light > Lamps,12.50 EUR,in stock,lamp,https://shop.example/blue',
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
    expect(await items({ browsed: ["rug"], filter: { available: true } })).toEqual(["cup", "lamp-red"]);
    expect(await items({ browsed: ["rug"], filter: { available: false } })).toEqual(["pot"]);
    const { unknownAvailability } = await client.recommend({ filter: { available: true } });
    expect(unknownAvailability).toBe(2);
    expect(await client.recommend({})).not.toHaveProperty("unknownAvailability");
  });

  it("shows one variant of a product, and none of one that was in the request", async () => {
    expect(await items({ browsed: ["rug"] })).toEqual(["cup", "jug", "lamp-red"]);
    expect(await items({ browsed: ["lamp-red"] })).toEqual(["cup", "jug", "rug"]);
  });

  it("says of its results what a request asks for, and nothing else", async () => {
    const fields = ["name", "price", "link", "image", "available"] as const;
    const { results } = await client.recommend({ filter: { category: "Lamps" }, fields: [...fields] });
    expect(results[0]).toMatchObject({
      item: "lamp-blue",
      name: 'Blue "lamp"',
      price: 12.5,
      link: "https://shop.example/blue",
      image: null,
      available: true,
    });
    const got = await fetch(`${server.url}/make_recommendation?browsed=rug&n=9&fields=name,price`);
    const answer = (await got.json()) as RecommendationAnswer;
    expect(Object.keys(answer.results[0])).toEqual(["item", "score", "name", "price", "source", "because"]);
    expect(answer.results.find(({ item }) => item === "jug")).toMatchObject({ name: "Jug", price: null });
    expect(await fetch(`${server.url}/make_recommendation?fields=colour`)).toMatchObject({ status: 400 });
  });

  it("knows several categories of an item, and prices, as the catalogue says", async () => {
    expect(await items({ filter: { category: "Sale" } })).toEqual(["lamp-red"]);
    expect(await items({ filter: { category: "Lamps" } })).toEqual(["lamp-blue"]);
    expect(await items({ filter: { price: { max: 5 } } })).toEqual(["cup"]);
    const { item } = await client.neighbours("cup");
    const cup = { item: "cup", name: "Cup", category: "Kitchen", price: 5, available: true };
    expect(item).toEqual({ ...cup, link: null, image: null });
  });
});

describe("a push between two nights", () => {
  const objects = fileObjects(data);
  const settings = readSettings({ file: { path: "none", values: { data, port: 0 } }, env: {} });
  let server: Server;
  let client: Client;
  beforeAll(async () => {
    await night(["id,price,availability", "pot,20,out of stock", "cup,5,in stock", "jug,7,in stock"]);
    server = await serve({ settings, objects });
    client = createClient({ url: `${server.url}/` });
  });
  afterAll(() => server.close());

  async function push(...rows: string[]) {
    writeFileSync(join(data, "stock.csv"), ["id,price,availability", ...rows].join("\n"));
    const result = await steamer(data, "catalogue", "push", "stock.csv", "--data", data);
    await server.refresh();
    return result;
  }
  const stocked = async () => {
    const { results } = await client.recommend({ n: 10, filter: { available: true } });
    return results.map(({ item }) => item).sort();
  };
  const tag = async () => (await fetch(`${server.url}/make_recommendation`)).headers.get("etag");

  it("is taken up by the recommender that is running: what is sold out leaves, what came is there", async () => {
    expect(await stocked()).toEqual(["cup", "jug"]);
    const before = await tag();
    const { status, stdout } = await push("pot,18,in stock", "cup,,out of stock");
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining("2 items are pushed, 1 in stock, 1 sold out"),
    ]);
    expect(await stocked()).toEqual(["jug", "pot"]);
    expect(await tag()).not.toBe(before);
    const { item, neighbours } = await client.neighbours("pot");
    expect(item).toMatchObject({ price: 18, available: true });
    expect(neighbours).toContainEqual(expect.objectContaining({ item: "cup", price: 5, available: false }));
  });

  it("leaves alone what it does not say, also of an earlier push", async () => {
    const { stderr: notes } = await push("jug,,out of stock", "unheard-of,1,in stock");
    expect(notes).toMatch(/Of 2 items the model \S+ knows 1. It does not know unheard-of\./);
    expect(await stocked()).toEqual(["pot"]);
    const { status, stderr } = await push("jug,,");
    expect([status, stderr]).toEqual([1, expect.stringContaining("it says no availability and no price")]);
  });

  it("counts until a night has read the catalogue later, and is followed from the start", async () => {
    const other = await serve({ settings, objects });
    const { results } = await createClient({ url: `${other.url}/` }).recommend({
      filter: { available: true },
    });
    await other.close();
    expect(results.map(({ item }) => item)).toEqual(["pot"]);
    await night(["id,availability", "pot,out of stock", "cup,in stock"]);
    await server.refresh();
    expect(await stocked()).toEqual(["cup"]);
  });

  it("of a price alone leaves an availability as old as it is", async () => {
    await push("cup,,out of stock");
    // As if it came while the next night runs, after that has read the catalogue.
    const items = new Map([["cup", { available: null, price: 3 }]]);
    await pushStock(objects, { shop: settings.shop, items, at: new Date(Date.now() + 60_000) });
    await night(["id,availability,price", "pot,out of stock,", "cup,in stock,5"]);
    await server.refresh();
    expect(await stocked()).toEqual(["cup"]);
    expect((await client.neighbours("cup")).item).toMatchObject({ price: 3, available: true });
  });

  it("begins anew where the file of earlier ones is lost, so that a push mends it", async () => {
    await push("jug,,in stock");
    await objects.delete((await readStockPointer(objects, settings.shop))!.file.path);
    expect((await push("cup,,out of stock", "rug,,in stock")).status).toBe(0);
    expect(await stocked()).toEqual(["rug"]);
  });

  it("is refused for a shop without a model", async () => {
    const { status, stderr } = await steamer(
      data,
      "catalogue",
      "push",
      "stock.csv",
      "--data",
      data,
      "--shop",
      "typo",
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining("no model has been published yet")]);
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
