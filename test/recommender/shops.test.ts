import { createHash } from "node:crypto";
import { Writable } from "node:stream";
import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { createClient } from "../../client.ts";
import type { ShopsReadyAnswer } from "../../contracts/http/catalogue.ts";
import type { HttpProblem } from "../../contracts/http/http-problem.ts";
import { isModelFile, paths } from "../../contracts/layout.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { takeDown } from "../../night/state/block-list.ts";
import { changeKeys } from "../../night/state/key-list.ts";
import type { Objects } from "../../night/state/objects.ts";
import { serve, type ServeOptions, type Server } from "../../recommender/server.ts";
import { memoryObjects, settingsWith, smallSnapshot } from "../night/shop.ts";
import { temporaryFolder } from "../temporary.ts";
import { publishSnapshot } from "../published.ts";

const NIGHTS = { toys: "2026-11-20.1", books: "2026-11-20.1", later: "2026-11-19.2" };

/** Publishes a model of a shop whose items are called after it. */
const publish = (objects: Objects, shop: keyof typeof NIGHTS, model = NIGHTS[shop]) =>
  publishSnapshot(objects, model, smallSnapshot(20, shop), shop);

/** Gives a shop a key, which is called as it is. */
const giveKey = (objects: Objects, shop: string, key: string) =>
  changeKeys(objects, shop, (keys) => {
    const sha256 = createHash("sha256").update(key).digest("hex");
    return { ...keys, [key]: { sha256, since: "2026-11-22T00:00:00Z" } };
  });

const servers: Server[] = [];
afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.close()))));

async function started(
  objects: Objects,
  change: Partial<Settings> = {},
  options: Partial<ServeOptions> = {},
): Promise<Server> {
  const settings = settingsWith({
    shops: ["toys", "books"],
    port: 0,
    opsPort: 0,
    data: temporaryFolder(),
    ...change,
  });
  const server = await serve({ settings, objects, ...options });
  servers.push(server);
  return server;
}

async function twoShops(): Promise<Objects> {
  const objects = memoryObjects();
  for (const shop of ["toys", "books"] as const) await publish(objects, shop);
  return objects;
}

const client = ({ url }: Server, shop: string, key?: string) =>
  createClient({ url: `${url}/shops/${shop}`, ...(key === undefined ? {} : { key }) });

const itemsOf = async (server: Server, shop: string) =>
  (await client(server, shop).recommend({ n: 100 })).results.map(({ item }) => item);

async function problemOf(url: string, options?: RequestInit): Promise<HttpProblem> {
  const response = await fetch(url, options);
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  return (await response.json()) as HttpProblem;
}

describe("a recommender of several shops", () => {
  it("answers each shop from its own model, below the shop's address", async () => {
    const server = await started(await twoShops());
    for (const shop of ["toys", "books"]) {
      const items = await itemsOf(server, shop);
      expect(items).toHaveLength(20);
      expect(items.every((item) => item.startsWith(shop))).toBe(true);
      const { neighbours } = await client(server, shop).neighbours(`${shop}-0003`);
      expect(neighbours[0].item).toBe(`${shop}-0000`);
      expect((await client(server, shop).popular({ n: 1 })).results[0].item).toMatch(shop);
    }
    const { missingIds } = await client(server, "toys").recommend({ browsed: ["books-0001"] });
    expect(missingIds).toEqual(["books-0001"]);
  });

  it("says 404 for a shop that it does not serve, whatever is asked, before it reads a body", async () => {
    const { url } = await started(await twoShops());
    for (const path of ["make_recommendation", "popular", "models/current", "readyz"])
      expect(await problemOf(`${url}/shops/cars/${path}`)).toMatchObject({
        status: 404,
        detail: expect.stringContaining('no shop "cars"'),
      });
    for (const path of ["make_recommendation", "events"]) {
      const headers = { "content-type": "application/json" };
      const posted = { method: "POST", headers, body: "{" };
      expect(await problemOf(`${url}/shops/constructor/${path}`, posted)).toMatchObject({ status: 404 });
    }
  });

  it("has no address of a shop at its root, and says where they are", async () => {
    const { url } = await started(await twoShops());
    const { status, detail } = await problemOf(`${url}/make_recommendation?n=3`);
    expect([status, detail]).toEqual([404, expect.stringContaining("/shops/{shop}")]);
    expect((await problemOf(`${url}/nowhere`)).detail).not.toContain("shops");
    expect((await problemOf(`${url}/shops/toys/popular`, { method: "PUT" })).status).toBe(405);
  });

  it("swaps the model of one shop without touching the other", async () => {
    const objects = await twoShops();
    const server = await started(objects);
    const books = server.shops.get("books")!.model.get();
    await publish(objects, "toys", "2026-11-21.1");
    await objects.put(await publish(objects, "books", "2026-11-21.1"), "damaged");
    await server.refresh();
    expect((await client(server, "toys").currentModel()).model).toBe("2026-11-21.1");
    expect(server.shops.get("books")!.model.get()).toBe(books);
    const { status, shops } = (await (await fetch(`${server.url}/readyz`)).json()) as ShopsReadyAnswer;
    expect([status, shops["toys"].status, shops["books"]]).toEqual([
      "degraded",
      "ok",
      { status: "degraded", model: "2026-11-20.1", failing: ["the current model"] },
    ]);
  });

  it("reads one model at a time, and the next one whatever became of the last", async () => {
    const stored = await twoShops();
    await publish(stored, "later");
    await stored.put(await publish(stored, "books"), "damaged");
    let [reading, most] = [0, 0];
    const get: Objects["get"] = async (path) => {
      if (!isModelFile(path)) return stored.get(path);
      most = Math.max(most, ++reading);
      await new Promise(setImmediate);
      reading--;
      return stored.get(path);
    };
    const server = await started({ ...stored, get }, { shops: ["books", "toys", "later"] });
    expect(most).toBe(1);
    const models = [...server.shops].map(({ model }) => model.get()?.name);
    expect(models).toEqual([undefined, NIGHTS.toys, NIGHTS.later]);
  });

  it("takes an item down in its own shop alone", async () => {
    const objects = memoryObjects();
    for (const shop of ["toys", "books"])
      await publishSnapshot(objects, NIGHTS.toys, smallSnapshot(20, "same"), shop);
    await takeDown(objects, { shop: "books", items: ["same-0000"], reason: "recalled", now: new Date() });
    const server = await started(objects);
    expect(await itemsOf(server, "books")).not.toContain("same-0000");
    expect(await itemsOf(server, "toys")).toContain("same-0000");
  });

  it("is ready when one shop is, and says which are not", async () => {
    const objects = memoryObjects();
    const server = await started(objects);
    const readiness = async (path: string) => {
      const response = await fetch(`${server.url}${path}`);
      return [response.status, await response.json()];
    };
    expect(await readiness("/readyz")).toMatchObject([503, { detail: /no model yet/ }]);
    await publish(objects, "toys");
    await server.refresh();
    const toys = { status: "ok", model: NIGHTS.toys, failing: [] };
    const books = { status: "unready", model: null, failing: [] };
    expect(await readiness("/readyz")).toEqual([200, { status: "degraded", shops: { toys, books } }]);
    expect(await readiness("/shops/toys/readyz")).toEqual([200, toys]);
    expect(await readiness("/shops/books/readyz")).toMatchObject([503, { detail: /no model yet/ }]);
    expect((await fetch(`${server.url}/shops/books/make_recommendation`)).status).toBe(503);
    await publish(objects, "books");
    await server.refresh();
    expect(await readiness("/readyz")).toMatchObject([200, { status: "ok" }]);
  });

  it("takes no token of one shop for another, though their models have one name and the same items", async () => {
    const objects = memoryObjects();
    for (const shop of ["toys", "books"])
      await publishSnapshot(objects, NIGHTS.toys, smallSnapshot(20, "same"), shop);
    const server = await started(objects);
    const { results, attributionToken: token } = await client(server, "toys").recommend({ n: 1 });
    const click = { id: "1", event: "click", item: results[0].item, token } as const;
    expect(await client(server, "books").sendEvents([click])).toEqual({
      accepted: 0,
      duplicates: 0,
      refused: [{ id: "1", reason: "the token is not one of ours" }],
    });
    expect(await client(server, "toys").sendEvents([click])).toMatchObject({ accepted: 1 });
  });

  it("keeps apart what browsers have kept of two shops", async () => {
    const server = await started(await twoShops());
    const ask = (shop: string, etag = "") =>
      fetch(`${server.url}/shops/${shop}/make_recommendation`, { headers: { "if-none-match": etag } });
    const etag = (await ask("toys")).headers.get("etag")!;
    expect((await ask("toys", etag)).status).toBe(304);
    expect((await ask("books", etag)).status).toBe(200);
  });

  it("counts by shop, under the names and routes of a recommender of one", async () => {
    const server = await started(await twoShops());
    await itemsOf(server, "toys");
    await fetch(`${server.url}/shops/toys/popular?n=3`);
    await fetch(`${server.url}/shops/books/popular?n=0`);
    await fetch(`${server.url}/shops/cars/popular`);
    await fetch(`${server.url}/livez`);
    const text = await (await fetch(`${server.opsUrl}/metrics`)).text();
    for (const line of [
      'steamer_requests_total{shop="toys",method="POST",route="/make_recommendation",status="200"} 1',
      'steamer_requests_total{shop="toys",method="GET",route="/popular",status="200"} 1',
      'steamer_requests_total{shop="books",method="GET",route="/popular",status="400"} 1',
      'steamer_requests_total{method="GET",route="/popular",status="404"} 1',
      'steamer_requests_total{method="GET",route="/livez",status="200"} 1',
      'steamer_results_total{shop="toys",source="popular",scenario="similar"} 20',
      'steamer_model_items{shop="toys",model="2026-11-20.1"} 20',
      'steamer_model_items{shop="books",model="2026-11-20.1"} 20',
    ])
      expect(text).toContain(`${line}\n`);
    // Prometheus wants one head for each name, and its lines below it.
    const heads = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(new Set(heads).size).toBe(heads.length);
    const names = [...text.matchAll(/^([a-z_]+?)(?:_bucket|_sum|_count)?[{ ]/gm)].map(([, name]) => name);
    const firsts = names.filter((name, k) => name !== names[k - 1]);
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it("says in the log which shop a line is about", async () => {
    const lines: Record<string, unknown>[] = [];
    const stream = new Writable({
      write: (chunk, _, done) => (lines.push(JSON.parse(String(chunk))), done()),
    });
    await started(await twoShops(), {}, { log: pino({}, stream) });
    const taken = lines.filter(({ msg }) => msg === "a new model answers").map(({ shop }) => shop);
    expect(taken.sort()).toEqual(["books", "toys"]);
  });

  it("describes each route once, with the shop in its path", async () => {
    const { url } = await started(await twoShops(), { docs: true });
    const { paths: routes } = (await (await fetch(`${url}/docs/json`)).json()) as {
      paths: Record<string, Record<string, { parameters?: { name: string }[]; responses: object }>>;
    };
    expect(Object.keys(routes).sort()).toEqual([
      "/livez",
      "/readyz",
      ...[
        "events",
        "items/{item}/neighbours",
        "make_recommendation",
        "models/current",
        "popular",
        "readyz",
        "users/{user}/recommendations",
      ].map((route) => `/shops/{shop}/${route}`),
    ]);
    const { parameters, responses } = routes["/shops/{shop}/items/{item}/neighbours"]["get"];
    expect(parameters!.map(({ name }) => name)).toEqual(expect.arrayContaining(["shop", "item"]));
    expect(Object.keys(responses)).toContain("404");
  });
});

describe("keys of several shops", () => {
  const asked = async (server: Server, path: string, key?: string) => {
    const headers = new Headers(key === undefined ? {} : { "x-api-key": key });
    const response = await fetch(server.url + path, { headers });
    return response.ok ? response.status : ((await response.json()) as HttpProblem);
  };

  it("open their own shop only", async () => {
    const objects = await twoShops();
    for (const shop of ["toys", "books"]) await giveKey(objects, shop, `${shop}-key`);
    const server = await started(objects, { access: "keys" });
    const path = "/shops/toys/popular";
    expect(await asked(server, path, "toys-key")).toBe(200);
    expect(await asked(server, path, "books-key")).toMatchObject({
      status: 403,
      detail: expect.stringContaining("another shop"),
    });
    expect(await asked(server, path, "no-key")).toMatchObject({ status: 401 });
    expect(await asked(server, path)).toMatchObject({ status: 401 });
    // What is not there is told to those with a key of some shop.
    for (const nowhere of ["/shops/cars/popular", "/nowhere"]) {
      expect(await asked(server, nowhere, "books-key")).toMatchObject({ status: 404 });
      expect(await asked(server, nowhere, "no-key")).toMatchObject({ status: 401 });
      expect(await asked(server, nowhere)).toMatchObject({ status: 401 });
    }
    expect(await asked(server, "/readyz")).toBe(200);
    const text = await (await fetch(`${server.opsUrl}/metrics`)).text();
    expect(text).toContain('steamer_refused_total{shop="toys",reason="key"} 3');
    expect(text).toContain('steamer_refused_total{reason="key"} 4');
  });

  it("that one shop takes away stay good in the other, and a list that cannot be read locks out its own shop alone", async () => {
    const objects = await twoShops();
    for (const shop of ["toys", "books"]) await giveKey(objects, shop, "both");
    await objects.put(paths.keys("books"), "{");
    const server = await started(objects, { access: "keys" });
    expect(await asked(server, "/shops/books/popular", "other")).toMatchObject({ status: 503 });
    expect(await asked(server, "/shops/toys/popular", "both")).toBe(200);
    await objects.delete(paths.keys("books"));
    await giveKey(objects, "books", "both");
    await changeKeys(objects, "toys", () => ({}));
    await server.refresh();
    expect(await asked(server, "/shops/books/popular", "both")).toBe(200);
    expect(await asked(server, "/shops/toys/popular", "both")).toMatchObject({ status: 403 });
  });
});

describe("all shops of a data folder", () => {
  it("are those with a model or settings, and what appears later is taken up", async () => {
    const data = temporaryFolder();
    const objects = fileObjects(data);
    await publish(objects, "toys");
    await objects.put(paths.settings("books"), "{}");
    await objects.put(paths.manifest("later", NIGHTS.later), "its first night is under way");
    const server = await started(objects, { shops: ["all"], data });
    const names = () => [...server.shops].map(({ settings }) => settings.shop);
    expect(names()).toEqual(["books", "toys"]);
    expect((await fetch(`${server.url}/shops/later/popular`)).status).toBe(404);
    await publish(objects, "later");
    const { news } = await server.refresh();
    expect(news).toContain("the shop later is served from now on");
    await server.refresh();
    expect((await client(server, "later").currentModel()).model).toBe(NIGHTS.later);
    expect((await itemsOf(server, "toys"))[0]).toMatch(/^toys/);
  });

  it("may be none at first", async () => {
    const data = temporaryFolder();
    const server = await started(fileObjects(data), { shops: ["all"], data });
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    await publish(fileObjects(data), "toys");
    await server.refresh();
    await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status).toBe(200);
  });

  it("are named where the data is a bucket", async () => {
    const change = { shops: ["all"], data: "gs://bucket" };
    await expect(started(memoryObjects(), change)).rejects.toThrow(/--shops a,b/);
  });
});

describe("a recommender of one shop", () => {
  it("answers at its root, and below the shop's address too, so that a second shop can come", async () => {
    const objects = await twoShops();
    const server = await started(objects, { shops: [] });
    const atRoot = (await createClient({ url: server.url }).recommend({ n: 3 })).results;
    expect(atRoot[0].item).toMatch(/^toys/);
    expect((await client(server, "toys").recommend({ n: 3 })).results).toEqual(atRoot);
    expect((await fetch(`${server.url}/shops/books/popular`)).status).toBe(404);
    expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({
      status: "ok",
      model: NIGHTS.toys,
      failing: [],
    });
  });
});
