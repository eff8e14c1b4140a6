import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRecommender, type Answer } from "../../core/answer.ts";
import { decodeSnapshot } from "../../core/snapshot/decode.ts";
import { buildApp } from "../../recommender/app.ts";
import type { CurrentModel } from "../../recommender/current-model.ts";
import { smallSnapshot } from "../night/shop.ts";

const snapshot = decodeSnapshot(smallSnapshot(30, "sku"));
const weights = { view_item: 0.5, add_to_cart: 2, purchase: 6 };
const recommend = createRecommender(snapshot, "2026-11-21.1", { queryWeights: weights, includeInput: false });
const refresh: CurrentModel["refresh"] = async () => ({ news: [], problems: [] });
const model = { get: () => ({ name: "2026-11-21.1", nameOf: () => null, recommend }), refresh };

describe("GET /make_recommendation", () => {
  let app: FastifyInstance;
  beforeAll(() => void (app = buildApp({ model })));
  afterAll(() => app.close());
  const get = (query: string) => app.inject(`/make_recommendation${query}`);
  const answer = async (query: string) => (await get(query)).json<Answer>();

  it("answers with items, scores, where they come from, and the model", async () => {
    const { results, model, missingIds } = await answer("?browsed=sku-0001&n=2");
    // Ten users in common out of ten: 1 x 10/15 = .666667, times .5 for a view; halves go to even.
    expect(results).toEqual([
      { item: "sku-0000", score: 0.333334, source: "model" },
      { item: "sku-0002", score: 0.333334, source: "model" },
    ]);
    expect([model, missingIds]).toEqual(["2026-11-21.1", []]);
  });

  it("takes lists with commas, repeated parameters, or both", async () => {
    const one = await answer("?browsed=sku-0001,sku-0002,sku-0003");
    expect(await answer("?browsed=sku-0001&browsed=sku-0002,sku-0003")).toEqual(one);
    expect(await answer("?browsed=sku-0001,,%20sku-0002,sku-0003,")).toEqual(one);
  });

  it("shows popular items when nothing is known, with the same keys", async () => {
    const { results, missingIds, ...rest } = await answer("?browsed=unheard-of");
    expect(results).toHaveLength(10);
    expect(new Set(results.map(({ source }) => source))).toEqual(new Set(["popular"]));
    expect(missingIds).toEqual(["unheard-of"]);
    expect(Object.keys(rest)).toEqual(["model"]);
    expect((await answer("")).results).toEqual(results);
  });

  it("fills up with popular items, and never repeats one", async () => {
    const { results } = await answer("?browsed=sku-0001&n=100");
    const items = results.map(({ item }) => item);
    expect(new Set(items).size).toBe(29);
    expect(items).not.toContain("sku-0001");
  });

  it.each([
    ["n=0", 'n is "0"'],
    ["n=-1", 'n is "-1"'],
    ["n=101", "from 1 to 100"],
    ["n=ten", 'n is "ten"'],
    ["n=1.5", 'n is "1.5"'],
    ["n=", 'n is ""'],
    ["n=1e1", 'n is "1e1"'],
    ["n=1&n=2", "n"],
    ["baskte=a", 'there is no parameter "baskte"; there are browsed, basket, purchased, n'],
    [`browsed=${"x".repeat(257)}`, "browsed has an id of 257 bytes"],
    [`basket=${"a,".repeat(201)}`, "basket has 201 ids"],
  ])("refuses %.30s with a reason", async (query, reason) => {
    const response = await get(`?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json<{ error: string }>().error).toContain(reason);
  });

  it("answers in one shape what never reaches a route", async () => {
    expect((await app.inject("/%")).json()).toEqual({ error: expect.stringContaining("%") });
    expect((await app.inject("/nowhere")).json()).toEqual({ error: expect.stringContaining("no such page") });
  });

  it.each(["__proto__", "1e5", "a%00b", "%F0%9F%98%80", "'%3B--", "%E9"])(
    "takes %s for an id like any other",
    async (id) => {
      const response = await get(`?browsed=${id}`);
      expect(response.statusCode).toBe(200);
      expect(response.json<Answer>().missingIds).toHaveLength(1);
    },
  );
});

describe("before the first night", () => {
  const app = buildApp({ model: { get: () => null, refresh } });
  afterAll(() => app.close());

  it("the service is alive but not ready, and says what to do", async () => {
    expect((await app.inject("/livez")).statusCode).toBe(200);
    for (const url of ["/readyz", "/make_recommendation"]) {
      const response = await app.inject(url);
      expect(response.statusCode).toBe(503);
      expect(response.json<{ error: string }>().error).toContain("run `steamer nightly`");
    }
  });
});
