import { Value } from "typebox/value";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  ItemsAnswer,
  NightsAnswer,
  ReviewsStateAnswer,
  ShopAnswer,
  ShopsAnswer,
} from "../../../contracts/http/pages.ts";
import type { Settings } from "../../../contracts/settings/settings.ts";
import { serve, type Server } from "../../../recommender/server.ts";
import { memoryObjects, settingsWith } from "../../night/shop.ts";
import { HOSTILE, publishCamp } from "../../page/camp.ts";
import { temporaryFolder } from "../../temporary.ts";

describe("the pages' routes", () => {
  const objects = memoryObjects();
  const servers: Server[] = [];
  beforeAll(() => publishCamp(objects));
  afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.close()))));
  const started = async (change: Partial<Settings>) => {
    const settings = settingsWith({ port: 0, data: temporaryFolder(), ...change });
    const server = await serve({ settings, objects });
    servers.push(server);
    return server;
  };
  const status = async (url: string, options = {}) => (await fetch(url, options)).status;

  it.each([
    { page: true, access: "keys" },
    { page: true, access: "iam", host: "127.0.0.1" },
    { page: false, access: "open" },
  ] as const)("are not shown with %o", async (change) => {
    const { url, hasPages } = await started(change);
    expect(hasPages).toBe(false);
    for (const path of ["/", "/operator", "/page/nights", "/page/items", "/page/shop", "/page/shop.js"])
      expect([401, 404]).toContain(await status(url + path));
  });

  it("are shown in local use, under a policy that lets nothing in from elsewhere", async () => {
    const { url } = await started({ page: true });
    for (const path of ["/", "/operator", "/page/shop.js", "/page/page.css", "/page/icon.svg"]) {
      const response = await fetch(url + path);
      expect(response.status).toBe(200);
      const policy = response.headers.get("content-security-policy")!;
      expect(policy).toMatch(/^default-src 'none'; .*script-src 'self'; .*frame-ancestors 'none'$/);
      expect(policy).not.toContain("unsafe");
      expect(await response.text()).not.toMatch(/(src|href)="https?:/);
    }
    expect(await status(`${url}/page/tsconfig.json`)).toBe(404);
    expect(await status(`${url}/page/..%2f..%2fapp.ts`)).toBe(404);
  });

  it("are on the operator's listener whatever the access, without the storefront", async () => {
    const { url, opsUrl } = await started({ access: "keys", opsPort: 0 });
    expect(await status(`${opsUrl}/operator`)).toBe(200);
    expect((await fetch(opsUrl!)).url).toBe(`${opsUrl}/operator`);
    expect(await status(`${opsUrl}/page/nights`)).toBe(200);
    expect(await status(`${opsUrl}/items/tent/neighbours`)).toBe(200);
    expect(await status(`${opsUrl}/page/shop.js`)).toBe(404);
    expect(await status(`${opsUrl}/make_recommendation`)).toBe(404);
    expect(await status(`${url}/operator`)).toBe(401);
  });

  it("of several shops stand below the address of each, and at the root is the way there", async () => {
    const { url, opsUrl } = await started({ page: true, shops: ["toys", "books"], opsPort: 0 });
    for (const path of ["/", "/page/shops.js", "/shops/toys/", "/shops/books/operator"])
      expect(await status(url + path)).toBe(200);
    for (const path of ["/operator", "/page/nights", "/shops/cars/", "/shops/cars"])
      expect(await status(url + path)).toBe(404);
    // What a page asks for stands beside it: without its slash that would be another shop's.
    expect((await fetch(`${url}/shops/toys`)).url).toBe(`${url}/shops/toys/`);
    const shop = (await (await fetch(`${url}/shops/toys/page/shop`)).json()) as ShopAnswer;
    expect([shop.shop, shop.links.shops]).toEqual(["toys", "/"]);
    const linked = async (at: string) => {
      const answer = (await (await fetch(`${at}/page/shops`)).json()) as ShopsAnswer;
      expect([...Value.Errors(ShopsAnswer, answer)]).toEqual([]);
      return answer.shops;
    };
    const operator = (name: string) => `/shops/${name}/operator`;
    expect(await linked(url)).toEqual([
      { shop: "books", model: null, storefront: "/shops/books/", operator: operator("books") },
      { shop: "toys", model: "2026-11-20.1", storefront: "/shops/toys/", operator: operator("toys") },
    ]);
    expect((await linked(opsUrl!)).map(({ storefront }) => storefront)).toEqual([null, null]);
    for (const path of [operator("toys"), "/shops/toys/items/tent/neighbours", "/metrics"])
      expect(await status(opsUrl + path)).toBe(200);
    expect(await status(`${opsUrl}/shops/toys/make_recommendation`)).toBe(404);
  });

  it("list items by category and words, the most popular first, without what is taken down", async () => {
    const { url } = await started({ page: true, docs: true });
    const items = async (query: string) => {
      const answer = (await (await fetch(`${url}/page/items?${query}`)).json()) as ItemsAnswer;
      expect(Value.Check(ItemsAnswer, answer)).toBe(true);
      return answer.items.map(({ item }) => item);
    };
    expect(await items("n=3")).toEqual(["tent", "stove", "gas"]);
    expect(await items("category=Tents")).toEqual(["tent", "dome"]);
    expect(await items("category=Mugs&n=4")).toEqual(["mug-0", "mug-1", "mug-2", "mug-4"]);
    expect(await items("category=Boats")).toEqual([]);
    expect(await items("search=OF+mug-1&category=Mugs&n=2")).toEqual(["mug-1", "mug-10"]);
    expect(await items("search=%3CIMG")).toEqual([HOSTILE]);
    expect(await items("item=gas&item=nowhere")).toEqual(["gas", "nowhere"]);
    const shop = (await (await fetch(`${url}/page/shop`)).json()) as ShopAnswer;
    expect(Value.Check(ShopAnswer, shop)).toBe(true);
    expect(shop.categories.map(({ items }) => items)).toEqual([1, 2, 20, 2]);
    const nights = (await (await fetch(`${url}/page/nights`)).json()) as NightsAnswer;
    expect([...Value.Errors(NightsAnswer, nights)]).toEqual([]);
    expect(nights.nights.map(({ state }) => state)).toEqual(["died", "done", "done", "failed", "done"]);
  });

  it("say how reviews stand where they are taken, and that there are none elsewhere", async () => {
    const { url } = await started({ page: true });
    expect(((await (await fetch(`${url}/page/shop`)).json()) as ShopAnswer).reviews).toBeNull();
    expect(await status(`${url}/page/reviews`)).toBe(404);
    const taking = await started({ page: true, "reviews.on": true });
    const shop = (await (await fetch(`${taking.url}/page/shop`)).json()) as ShopAnswer;
    expect(shop.reviews).toEqual({ maxCharacters: 5000, service: "none" });
    const review = { user: "ann", item: "tent", stars: 5, text: "dry" };
    await taking.app.inject({ method: "POST", url: "/reviews", payload: review });
    const state = (await (await fetch(`${taking.url}/page/reviews`)).json()) as ReviewsStateAnswer;
    expect([...Value.Errors(ReviewsStateAnswer, state)]).toEqual([]);
    expect(state).toMatchObject({ service: "none", waiting: 1, failed: 0, byLabel: {} });
    expect(Date.parse(state.oldestAt!)).toBeGreaterThan(0);
    // Neither text nor user.
    expect(JSON.stringify(state)).not.toMatch(/ann|dry/);
  });

  it("go on with what is in memory while storage is down, and say so", async () => {
    const copy = memoryObjects();
    await publishCamp(copy);
    let isDown = false;
    const fails = async () => Promise.reject(new Error("storage is down"));
    const settings = settingsWith({ port: 0, data: temporaryFolder(), page: true });
    const server = await serve({
      settings,
      objects: {
        ...copy,
        get: (path) => (isDown ? fails() : copy.get(path)),
        list: (prefix) => (isDown ? fails() : copy.list(prefix)),
      },
    });
    servers.push(server);
    isDown = true;
    const answer = (await (await fetch(`${server.url}/page/nights`)).json()) as NightsAnswer;
    expect(answer).toMatchObject({ model: { model: "2026-11-20.1" }, pointer: null, nights: [] });
    expect(answer.failing).toEqual(
      expect.arrayContaining(["the pointer", "what is taken down", "the nights"]),
    );
  });

  it("refuse what is too much or not known, and are no part of the API", async () => {
    const { url } = await started({ page: true, docs: true });
    const many = Array.from({ length: 101 }, (_, k) => `item=${k}`).join("&");
    for (const query of [many, "n=101", "n=0", `search=${"x".repeat(257)}`, "colour=green"])
      expect(await status(`${url}/page/items?${query}`)).toBe(400);
    const { paths } = (await (await fetch(`${url}/docs/json`)).json()) as { paths: object };
    expect(Object.keys(paths).filter((path) => path === "/" || /page|operator/.test(path))).toEqual([]);
  });

  it("are shown under the machine's own names alone", async () => {
    const { app } = await started({ page: true });
    expect((await app.inject({ url: "/page/nights", headers: { host: "evil.example" } })).statusCode).toBe(
      421,
    );
  });
});
