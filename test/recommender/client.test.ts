import { describe, expect, it } from "vitest";
import { createClient, type EventsRequest } from "../../client.ts";

/** Asks what a browser would be asked for. */
async function requestsOf(ask: (client: ReturnType<typeof createClient>) => Promise<unknown>) {
  const requests: Request[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    requests.push(new Request(url, init));
    return Response.json({});
  };
  await ask(createClient({ url: "http://shop.example", fetch }));
  return requests;
}

const clicks = (length: number, item: string): EventsRequest["events"] =>
  Array.from({ length }, (_, k) => ({ id: `${k}`, event: "click", item, token: "t" }));

describe("the client", () => {
  it("lets events outlive the page that sends them", async () => {
    const [request] = await requestsOf((client) => client.sendEvents(clicks(3, "tent")));
    expect(request).toMatchObject({ method: "POST", url: "http://shop.example/events", keepalive: true });
    expect(await request.json()).toEqual({ events: clicks(3, "tent") });
  });

  it("sends events that are too many bytes for that like any other request: a browser would refuse them", async () => {
    // Fewer characters than the limit has bytes.
    const [request] = await requestsOf((client) => client.sendEvents(clicks(100, "\u5929".repeat(250))));
    expect((await request.clone().text()).length).toBeLessThan(60_000);
    expect((await request.arrayBuffer()).byteLength).toBeGreaterThan(64 * 1024);
    expect(request.keepalive).toBe(false);
  });

  it("asks for a user's recommendations, whatever is in their id", async () => {
    const [alone, visiting] = await requestsOf(async (client) => {
      await client.recommendTo("ann/1 ?");
      await client.recommendTo("ann", {
        n: 3,
        scope: "tents & more",
        browsed: ["a", "b,c"],
        fields: ["name", "price"],
      });
    });
    expect([alone.method, alone.url]).toEqual([
      "GET",
      "http://shop.example/users/ann%2F1%20%3F/recommendations",
    ]);
    const { pathname, searchParams } = new URL(visiting.url);
    expect([pathname, ...searchParams]).toEqual([
      "/users/ann/recommendations",
      ["n", "3"],
      ["scope", "tents & more"],
      ["browsed", "a"],
      ["browsed", "b,c"],
      ["fields", "name,price"],
    ]);
  });

  it("asks for recommendations for no longer than the page lives, and for as many ids as may be", async () => {
    const ids = Array.from({ length: 200 }, (_, k) => `${k}-${"x".repeat(250)}`);
    const ask = { browsed: ids, basket: ids, purchased: ids };
    const [large, small] = await requestsOf(async (client) => {
      await client.recommend(ask);
      await client.recommend({ browsed: ["tent"] });
    });
    expect([large.keepalive, small.keepalive]).toEqual([false, false]);
    expect(await large.json()).toEqual(ask);
  });
});
