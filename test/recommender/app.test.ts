import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpProblem } from "../../contracts/http/http-problem.ts";
import type { RecommendationAnswer } from "../../contracts/http/recommendation.ts";
import { snapshotOf, type PlainItem } from "../core/ranking/plain-answer.ts";
import { camp, loadedModel, testApp } from "./test-app.ts";

type Test = Awaited<ReturnType<typeof testApp>>;

const item = (id: string): PlainItem => ({
  ...{ id, category: null, price: null, available: null },
  ...{ users: 1, similar: [], together: [] },
});
const anyId = fc.string({ minLength: 1, maxLength: 9, unit: fc.constantFrom(..." ,ab&%+#?é😀\u0000\ufeff") });

describe("GET /make_recommendation", () => {
  let test: Test;
  beforeAll(async () => void (test = await testApp()));
  afterAll(() => test.app.close());
  const get = (query: string, headers = {}) =>
    test.app.inject({ url: `/make_recommendation${query}`, headers });
  const answer = async (query: string) => (await get(query)).json<RecommendationAnswer>();

  it("answers with items, scores, where they come from and why, and the model", async () => {
    const { results, model, missingIds, attributionToken } = await answer("?browsed=sku-0001&n=2");
    // Ten users in common out of ten: 1 x 10/15 = .666667, times .5 for a view; halves go to even.
    const because = [{ item: "sku-0001", event: "view_item", share: 1 }];
    expect(results).toEqual([
      { item: "sku-0000", score: 0.333334, source: "model", because },
      { item: "sku-0002", score: 0.333334, source: "model", because },
    ]);
    expect([model, missingIds]).toEqual(["2026-11-21.1", []]);
    expect(attributionToken).toMatch(/^[\w-]{40,}$/);
  });

  it("takes lists with commas, or a parameter for each id", async () => {
    const { results, missingIds } = await answer("?browsed=sku-0001,sku-0002,sku-0003");
    const same = { results, missingIds };
    expect(await answer("?browsed=sku-0001&browsed=sku-0002&browsed=sku-0003")).toMatchObject(same);
    expect(await answer("?browsed=sku-0001,,sku-0002,sku-0003,")).toMatchObject(same);
    expect((await answer("?browsed=sku-0001&browsed=sku-0002,sku-0003")).missingIds).toEqual([
      "sku-0002,sku-0003",
    ]);
    expect((await answer("?browsed=sku-0001,%20sku-0002")).missingIds).toEqual([" sku-0002"]);
  });

  it("takes a whole text for an id if there is such an item", async () => {
    const snapshot = snapshotOf(["cup", "mug", "cup,mug", " a, b,"].map(item));
    const { app } = await testApp({ model: loadedModel(snapshot) });
    const shownFor = async (query: string) => {
      const { results, missingIds } = (
        await app.inject(`/make_recommendation?${query}`)
      ).json<RecommendationAnswer>();
      return [results.map(({ item }) => item).sort(), missingIds];
    };
    expect(await shownFor("browsed=cup,mug")).toEqual([[" a, b,", "cup", "mug"], []]);
    expect(await shownFor("browsed=mug,cup")).toEqual([[" a, b,", "cup,mug"], []]);
    expect(await shownFor("basket=%20a,%20b,")).toEqual([["cup", "cup,mug", "mug"], []]);
    await app.close();
  });

  it("takes any id of the model, alone and among others", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(anyId, { minLength: 1, maxLength: 4 }), async (ids) => {
        const { app } = await testApp({ model: loadedModel(snapshotOf(ids.map(item))) });
        const url = `/make_recommendation?${new URLSearchParams(ids.map((id): [string, string] => ["basket", id]))}`;
        const { results, missingIds } = (await app.inject(url)).json<RecommendationAnswer>();
        expect([results, missingIds]).toEqual([[], []]);
        await app.close();
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    ["GET", "/make_recommendation", "body", "it has no body"],
    ["POST", "/make_recommendation?n=3", "query", "its address has no parameters"],
    ["POST", "/events?shop=toys", "query", "its address has no parameters"],
  ] as const)("refuses a %s of %s with a %s that it would not read", async (method, url, field, reason) => {
    const response = await test.app.inject({ method, url, payload: {} });
    expect(response.statusCode).toBe(400);
    expect(response.json<HttpProblem>()).toMatchObject({ field, detail: expect.stringContaining(reason) });
  });

  it("shows popular items when nothing is known, with the same keys", async () => {
    const keys = Object.keys(await answer("?browsed=sku-0001"));
    const { results, missingIds, ...rest } = await answer("?browsed=unheard-of");
    expect(results).toHaveLength(10);
    expect(new Set(results.map(({ source }) => source))).toEqual(new Set(["popular"]));
    expect(missingIds).toEqual(["unheard-of"]);
    expect(Object.keys({ results, ...rest, missingIds }).sort()).toEqual(keys.sort());
    expect((await answer("")).results).toEqual(results);
  });

  it("fills up with popular items, and never repeats one", async () => {
    const { results } = await answer("?browsed=sku-0001&n=100");
    const items = results.map(({ item }) => item);
    expect(new Set(items).size).toBe(29);
    expect(items).not.toContain("sku-0001");
  });

  it.each([
    ["n=0", "n", 'n is "0"'],
    ["n=-1", "n", 'n is "-1"'],
    ["n=101", "n", "from 1 to 100"],
    ["n=ten", "n", 'n is "ten"'],
    ["n=1.5", "n", 'n is "1.5"'],
    ["n=", "n", 'n is ""'],
    ["n=1e1", "n", 'n is "1e1"'],
    ["n=1&n=2", "n", "must be string"],
    ["scenario=likewise", "scenario", "it is one of similar, together"],
    ["baskte=a", "baskte", 'there is no parameter "baskte"; there are browsed, basket, purchased, n'],
    [`browsed=${"x".repeat(257)}`, "browsed", "browsed has an id of 257 bytes"],
    [`browsed=${"é".repeat(129)}`, "browsed", "browsed has an id of 258 bytes"],
    [`basket=${"a,".repeat(201)}`, "basket", "basket has 201 ids"],
  ])("refuses %.30s, names the parameter and says why", async (query, field, reason) => {
    const response = await get(`?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.headers["content-type"]).toContain("application/problem+json");
    const problem = response.json<HttpProblem>();
    expect(problem).toMatchObject({ type: "about:blank", title: "Bad Request", status: 400, field });
    expect(problem.detail).toContain(reason);
  });

  it.each(["__proto__", "1e5", "a%00b", "%F0%9F%98%80", "'%3B--", "%E9"])(
    "takes %s for an id like any other",
    async (id) => {
      const response = await get(`?browsed=${id}`);
      expect(response.statusCode).toBe(200);
      expect(response.json<RecommendationAnswer>().missingIds).toHaveLength(1);
    },
  );

  it("says how long it took, and what the answer may be kept for", async () => {
    const { headers } = await get("?browsed=sku-0001");
    expect(headers["server-timing"]).toMatch(/^answer;dur=\d+\.\d+$/);
    expect(headers["cache-control"]).toBe("private, no-cache");
  });

  it("sends nothing when the answer is known already, until the model or the block list changes", async () => {
    const blocked = new Set<string>();
    const test = await testApp({ model: loadedModel(undefined, "2026-11-21.1", blocked) });
    const get = (etag?: string) =>
      test.app.inject({ url: "/make_recommendation?n=3", headers: etag ? { "if-none-match": etag } : {} });
    const etag = (await get()).headers.etag as string;
    for (const header of [etag, `"other", ${etag}`, etag.replace("W/", ""), "*"]) {
      const { statusCode, body, headers } = await get(header);
      expect([statusCode, body, headers["content-length"]]).toEqual([304, "", undefined]);
    }
    test.swapTo(loadedModel(undefined, "2026-11-21.1", new Set(["sku-0001"])));
    expect((await get(etag)).statusCode).toBe(200);
    test.swapTo(loadedModel(undefined, "2026-11-22.1", blocked));
    expect((await get(etag)).statusCode).toBe(200);
    // What was filled up while a store was out of reach must not be kept.
    const { ranking, ...rest } = loadedModel();
    if (ranking.when === "later") throw new Error("it ranks from memory");
    test.swapTo({ ...rest, ranking: { when: "later", rank: async (query) => ranking.rank([query])[0] } });
    expect((await get()).headers).not.toHaveProperty("etag");
    expect((await get()).headers["cache-control"]).toBe("no-store");
    await test.app.close();
  });

  it("and any other answer says whether it may be kept: by nobody but its own browser", async () => {
    const { app } = await testApp({ settings: { docs: true } });
    const { paths } = (await app.inject("/docs/json")).json<{ paths: Record<string, object> }>();
    const kept: string[] = [];
    for (const [path, methods] of Object.entries({ ...paths, "/nothing": { get: {} } }))
      for (const method of Object.keys(methods) as ("get" | "post")[]) {
        const { headers } = await app.inject({ method, url: path.replace(/\{\w+\}/g, "sku-0001") });
        if (headers["cache-control"] !== "no-store")
          kept.push(`${method} ${path} ${headers["cache-control"]}`);
      }
    expect(kept).toEqual([
      "get /make_recommendation private, no-cache",
      "get /users/{user}/recommendations private, no-store",
    ]);
    await app.close();
  });

  it("that failed is nothing to keep, nor to come back to", async () => {
    const model = loadedModel();
    const fails = () => {
      throw new Error("broken");
    };
    const later = async () => fails();
    for (const ranking of [
      { when: "now", rank: fails },
      { when: "later", rank: later },
    ] as const) {
      const { app } = await testApp({ model: { ...model, ranking } });
      const failed = await app.inject("/make_recommendation");
      expect(failed.statusCode).toBe(500);
      expect(failed.headers["cache-control"]).toBe("no-store");
      expect(failed.headers).not.toHaveProperty("etag");
      await app.close();
    }
  });

  it("that fails takes no other with it that is answered together with it", async () => {
    const model = loadedModel();
    const { ranking } = model;
    if (ranking.when === "later") throw new Error("it ranks from memory");
    const rank: typeof ranking.rank = (queries) => {
      if (queries.some(({ n }) => n === 2)) throw new Error("broken");
      return ranking.rank(queries);
    };
    const { app } = await testApp({ model: { ...model, ranking: { when: "now", rank } } });
    const all = await Promise.all([1, 2, 3].map((n) => app.inject(`/make_recommendation?n=${n}`)));
    expect(all.map(({ statusCode }) => statusCode)).toEqual([200, 500, 200]);
    expect(all[2].json<RecommendationAnswer>().results).toHaveLength(3);
    await app.close();
  });

  it("is sent anew when the key of its token has changed: events of the old one are not taken", async () => {
    const other = await testApp({ tokenKey: Buffer.alloc(32, "o") });
    const { etag } = (await get("")).headers;
    const headers = { "if-none-match": etag };
    expect((await get("", headers)).statusCode).toBe(304);
    expect((await get("", headers)).headers).toMatchObject({ etag, "cache-control": "private, no-cache" });
    expect((await other.app.inject({ url: "/make_recommendation", headers })).statusCode).toBe(200);
    await other.app.close();
  });
});

describe("POST /make_recommendation", () => {
  let test: Test;
  beforeAll(async () => void (test = await testApp({ model: loadedModel(camp()) })));
  afterAll(() => test.app.close());
  const post = (payload: unknown) =>
    test.app.inject({
      method: "POST",
      url: "/make_recommendation",
      headers: { "content-type": "application/json" },
      payload: typeof payload === "string" ? payload : JSON.stringify(payload),
    });

  it("answers as GET does, and takes a scenario, a filter and limits", async () => {
    const { results } = (
      await post({
        browsed: ["tent"],
        n: 3,
        scenario: "together",
        maxPerCategory: 1,
        halfLife: 2,
        filter: { available: true, price: { min: 1, max: 50 } },
        exclude: ["kettle"],
      })
    ).json<RecommendationAnswer>();
    expect(results.map(({ item, source }) => [item, source])).toEqual([
      ["stove", "model"],
      ["mug", "popular"],
    ]);
    const got = (await test.app.inject("/make_recommendation?browsed=tent&n=2")).json<RecommendationAnswer>();
    expect((await post({ browsed: ["tent"], n: 2 })).json<RecommendationAnswer>().results).toEqual(
      got.results,
    );
    expect((await post({})).json<RecommendationAnswer>().results).toHaveLength(4);
  });

  it("takes ids with commas, and leaves out what is excluded", async () => {
    const { results, missingIds } = (
      await post({ browsed: ["a,b"], exclude: ["tent", "__proto__"] })
    ).json<RecommendationAnswer>();
    expect(missingIds).toEqual(["a,b"]);
    expect(results.map(({ item }) => item)).not.toContain("tent");
  });

  it.each([
    [{ baskte: [] }, "baskte", "there is no field"],
    [{ filter: { brand: "x" } }, "filter.brand", "there are category, available, price"],
    [{ filter: { price: { min: "1" } } }, "filter.price.min", 'is "1"; it must be number'],
    [{ n: 0 }, "n", "n is 0; it must be >= 1"],
    [{ n: "5" }, "n", "must be integer"],
    [{ n: null }, "n", "must be integer"],
    [{ browsed: [7] }, "browsed.0", "must be string"],
    [{ browsed: [""] }, "browsed.0", "fewer than 1"],
    [{ browsed: ["é".repeat(200)] }, "browsed", "an id of 400 bytes"],
    [{ exclude: Array(201).fill("a") }, "exclude", "more than 200"],
    [{ halfLife: 0 }, "halfLife", "must be >= 0.1"],
    [{ scenario: "likewise" }, "scenario", "it is one of similar, together"],
    [[], "body", "must be object"],
    ["{", "body", "JSON"],
    ['{"__proto__": {"n": 1}}', "__proto__", "there is no field"],
    ['{"constructor": {"prototype": 1}}', "constructor", "there is no field"],
    ["", "body", "empty"],
  ])("refuses %j and names the field", async (body, field, reason) => {
    const response = await post(body);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ status: 400, field, detail: expect.stringContaining(reason) });
  });

  it("refuses a body that is too long, or not JSON, with a problem", async () => {
    expect((await post(" ".repeat(600_000))).json()).toMatchObject({
      status: 413,
      title: "Payload Too Large",
    });
    const headers = { "content-type": "text/plain" };
    const plain = await test.app.inject({
      method: "POST",
      url: "/make_recommendation",
      headers,
      payload: "{}",
    });
    expect(plain.json()).toMatchObject({ status: 415 });
  });
});

describe("every other address", () => {
  let test: Test;
  beforeAll(async () => void (test = await testApp()));
  afterAll(() => test.app.close());

  it.each([
    ["/%", { status: 400, field: "url" }],
    ["/nowhere", { status: 404, detail: "there is no GET /nowhere" }],
    [`/${"x".repeat(3000)}`, { status: 404 }],
  ])("%.20s answers with a problem", async (url, problem) => {
    expect((await test.app.inject(url)).json()).toMatchObject({ type: "about:blank", ...problem });
  });

  it("is never guessed at, framed or run by a browser", async () => {
    const { headers } = await test.app.inject("/nowhere");
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff" });
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
  });
});

describe("health", () => {
  it("before the first night the service is alive but not ready, and says what to do", async () => {
    const { app } = await testApp({ model: null });
    expect((await app.inject("/livez")).statusCode).toBe(200);
    for (const url of ["/readyz", "/make_recommendation", "/popular", "/models/current"]) {
      const response = await app.inject(url);
      expect(response.statusCode).toBe(503);
      expect(response.headers["retry-after"]).toBe("5");
      expect(response.json<HttpProblem>().detail).toContain("run `steamer nightly`");
    }
    await app.close();
  });

  it("without a model that could be read it says what failed, not that there is none", async () => {
    const { app, fail } = await testApp({ model: null });
    fail(["the current model", "the keys"]);
    for (const url of ["/readyz", "/make_recommendation"]) {
      const { detail } = (await app.inject(url)).json<HttpProblem>();
      expect(detail).toContain("failing: the current model, the keys;");
      expect(detail).not.toContain("nightly");
    }
    await app.close();
  });

  it("tells when it answers from what it has because something cannot be read", async () => {
    const { app, fail } = await testApp();
    const ready = async () => (await app.inject("/readyz")).json();
    expect(await ready()).toEqual({ status: "ok", model: "2026-11-21.1", failing: [] });
    fail(["the block list"]);
    expect(await ready()).toEqual({ status: "degraded", model: "2026-11-21.1", failing: ["the block list"] });
    await app.close();
  });
});
