import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient, RecommenderError } from "../../../client.ts";
import { takeDown } from "../../../night/state/block-list.ts";
import { serve, type Server } from "../../../recommender/server.ts";
import { memoryObjects, settingsWith } from "../../night/shop.ts";
import { temporaryFolder } from "../../temporary.ts";
import { publishSnapshot } from "../../published.ts";
import { camp } from "../test-app.ts";

/** By the typed client, over HTTP. */
describe("what the model holds", () => {
  const objects = memoryObjects();
  let server: Server;
  let client: ReturnType<typeof createClient>;
  beforeAll(async () => {
    await publishSnapshot(objects, "2026-11-20.1", camp());
    server = await serve({ settings: settingsWith({ port: 0, data: temporaryFolder() }), objects });
    client = createClient({ url: `${server.url}/` });
  });
  afterAll(() => server.close());
  const dome = {
    name: "name of dome",
    category: "tents",
    price: 80,
    available: null,
    link: null,
    image: null,
  };

  it("are the neighbours of an item, in both scenarios, with what the catalogue says", async () => {
    const { item, neighbours, model } = await client.neighbours("tent");
    expect(item).toEqual({
      item: "tent",
      name: "name of tent",
      category: "tents",
      price: 120,
      available: true,
      link: null,
      image: null,
    });
    expect(neighbours).toEqual([{ item: "dome", score: 0.5, ...dome }]);
    expect(model).toBe("2026-11-20.1");
    const together = await client.neighbours("tent", { scenario: "together", n: 1 });
    expect(together.neighbours).toMatchObject([{ item: "stove", score: 0.4 }]);
  });

  it.each(["flying-carpet", "a/b", "__proto__", "%", "é\u{1F600}", "x".repeat(256)])(
    "are not those of %.20s, which it does not know",
    async (item) => {
      const error = await client.neighbours(item).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(RecommenderError);
      expect((error as RecommenderError).problem).toMatchObject({ status: 404, title: "Not Found" });
    },
  );

  it("are popular items, of the shop and of a category", async () => {
    const { results } = await client.popular({ n: 2 });
    expect(results.map(({ item, users }) => [item, users])).toEqual([
      ["tent", 9],
      ["mug", 8],
    ]);
    expect((await client.popular({ category: "tents" })).results.map(({ item }) => item)).toEqual([
      "tent",
      "dome",
    ]);
    expect((await client.popular({ category: "hats" })).results).toEqual([]);
  });

  it("are its name, day and size", async () => {
    expect(await client.currentModel()).toMatchObject({
      model: "2026-11-20.1",
      lastDay: "2026-11-20",
      items: 4,
      store: "snapshot",
    });
  });

  it("are errors that a client can read", async () => {
    await expect(client.recommend({ n: 0 })).rejects.toThrow("Bad Request: n is 0; it must be >= 1");
    const elsewhere = createClient({
      url: "http://x",
      fetch: async () => new Response("oops", { status: 502 }),
    });
    await expect(elsewhere.popular()).rejects.toThrow("oops");
  });

  it("are never items that were taken down", async () => {
    await takeDown(objects, { shop: "toys", items: ["dome", "mug"], reason: "recalled", now: new Date() });
    await server.refresh();
    expect((await client.neighbours("tent")).neighbours).toEqual([]);
    expect((await client.popular()).results.map(({ item }) => item)).toEqual(["tent", "stove"]);
  });
});
