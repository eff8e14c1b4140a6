import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { followApiKeys } from "../../../recommender/http/api-keys.ts";
import { memoryObjects } from "../../night/shop.ts";
import { testApp } from "../test-app.ts";

interface Described {
  openapi: string;
  paths: Record<
    string,
    Record<
      string,
      {
        operationId: string;
        parameters: { name: string; schema: object }[];
        responses: Record<string, { content?: object }>;
      }
    >
  >;
  security?: unknown;
}

describe("the reference of the API", () => {
  let test: Awaited<ReturnType<typeof testApp>>;
  beforeAll(async () => {
    const keys = followApiKeys(memoryObjects(), "toys");
    test = await testApp({ keys, settings: { docs: true, access: "keys" } });
  });
  afterAll(() => test.app.close());

  it("describes every route in OpenAPI 3.1, with its problems", async () => {
    const { openapi, paths, security } = (await test.app.inject("/docs/json")).json<Described>();
    expect(openapi).toBe("3.1.0");
    expect(security).toEqual([{ key: [] }]);
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${method} ${path}: ${operationId}`),
    );
    expect(operations.sort()).toEqual([
      "get /items/{item}/neighbours: getNeighbours",
      "get /livez: isAlive",
      "get /make_recommendation: getRecommendation",
      "get /models/current: getCurrentModel",
      "get /popular: getPopular",
      "get /readyz: isReady",
      "get /users/{user}/recommendations: getPersonalRecommendations",
      "post /events: sendEvents",
      "post /make_recommendation: recommend",
    ]);
    const problem = paths["/make_recommendation"]["get"].responses["400"].content;
    expect(Object.keys(problem!)).toEqual(["application/problem+json"]);
  });

  it("says that counts are numbers, as a client has them", async () => {
    const { paths } = (await test.app.inject("/docs/json")).json<Described>();
    const { parameters } = paths["/make_recommendation"]["get"];
    const n = parameters.find(({ name }) => name === "n")!;
    expect(n.schema).toEqual({ type: "integer", minimum: 1, maximum: 100, default: 10 });
  });

  it("is a page that needs no key and nothing from elsewhere", async () => {
    const page = await test.app.inject("/docs/");
    expect([page.statusCode, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    for (const [, path] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect(path).toMatch(/^\.\//);
      expect((await test.app.inject(`/docs/${path.slice(2)}`)).statusCode).toBe(200);
    }
  });

  it("is not there unless the settings say so", async () => {
    const { app } = await testApp();
    expect((await app.inject("/docs/")).statusCode).toBe(404);
    await app.close();
  });
});
