import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpProblem } from "../../contracts/http/http-problem.ts";
import type { App } from "../../recommender/http/fastify-app.ts";
import { buildOps } from "../../recommender/ops.ts";
import { exchange, get } from "../hardening/raw.ts";
import { loadedModel, testShop } from "./test-app.ts";

describe("the operator's listener", () => {
  let ops: App;
  let port: number;
  beforeAll(async () => {
    ops = await buildOps({
      ...testShop(() => loadedModel()),
      log: pino({ level: "silent" }),
      timeouts: { headMs: 300, requestMs: 600 },
    });
    port = Number(new URL(await ops.listen({ host: "127.0.0.1", port: 0 })).port);
  });
  afterAll(() => ops.close());

  it.each<[what: string, request: string, status: number, says: string]>([
    ["a long id", get(`/items/${"x".repeat(200)}/neighbours`), 404, "does not know this item"],
    ["too long an id", get(`/items/${"x".repeat(300)}/neighbours`), 400, "more than 256 bytes"],
    ["what is not UTF-8", get("/%zz"), 400, "must be UTF-8"],
    ["no HTTP", "nonsense\r\n\r\n", 400, "not valid HTTP"],
    ["another method", "DELETE /metrics HTTP/1.1\r\nconnection: close\r\n\r\n", 405, "there are GET, HEAD"],
    ["an address that is none", get("/nowhere"), 404, "there is no GET /nowhere"],
    ["a head that does not come", "GET /metrics HTTP/1.1\r\nx: ", 408, "did not arrive in time"],
    [
      "an expectation",
      "GET /metrics HTTP/1.1\r\nhost: a\r\nexpect: miracles\r\n\r\n",
      417,
      "100-continue alone",
    ],
  ])("answers as the customers' one: %s", async (_what, request, status, says) => {
    const { answers, isClosed } = await exchange(port, request);
    expect(answers.map((answer) => answer.status)).toEqual([status]);
    const [{ headers, body }] = answers;
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff" });
    expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
    const problem = JSON.parse(body) as HttpProblem;
    expect(problem).toMatchObject({ status, detail: expect.stringContaining(says) });
    expect(isClosed).toBe(true);
  });
});
