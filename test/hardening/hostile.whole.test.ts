import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../client.ts";
import type { HttpProblem } from "../../contracts/http/http-problem.ts";
import type { RecommendationAnswer } from "../../contracts/http/recommendation.ts";
import { temporaryFolder } from "../temporary.ts";
import { startRecommender, type Running } from "./process.ts";
import { exchange, get, post } from "./raw.ts";
import { HOSTILE_IDS, publishHostileShop } from "./shop.ts";

const PATH = "/make_recommendation";
const folder = temporaryFolder();
let running: Running;
beforeAll(async () => {
  await publishHostileShop(folder);
  running = await startRecommender(folder);
});
afterAll(async () => {
  running.kill("SIGKILL");
  await running.ended;
});
const alive = async () => {
  expect(running.isAlive()).toBe(true);
  expect((await fetch(`${running.url}/livez`)).status).toBe(200);
};

describe("an id that something may take for something else", () => {
  it.each(HOSTILE_IDS)("is an item like any other: %j", async (id) => {
    const client = createClient({ url: running.url });
    const byPost = await client.recommend({ browsed: [id], n: 3 });
    expect([byPost.results[0], byPost.missingIds]).toMatchObject([{ because: [{ item: id }] }, []]);
    // A list in a URL ends ids at commas and spaces: its spaces are not the id's.
    const asked = await fetch(`${running.url}${PATH}?n=3&browsed=${encodeURIComponent(id)}`);
    const { results, missingIds } = (await asked.json()) as RecommendationAnswer;
    if (id === id.trim())
      expect({ results, missingIds }).toEqual({ results: byPost.results, missingIds: [] });
    const path = `/items/${encodeURIComponent(id)}/neighbours`;
    // fetch itself makes something else of a path that is dots.
    const [near] = (
      await exchange(running.port, get(path.replace("/./", "/%2e/").replace("/../", "/%2e%2e/")))
    ).answers;
    expect(near.status).toBe(200);
    expect(JSON.parse(near.body)).toMatchObject({
      item: { item: id },
      neighbours: [{ item: "tent" }, { item: "mug" }],
    });
  });

  it("stays text: numbers that look alike are not the same", async () => {
    const { missingIds } = await createClient({ url: running.url }).recommend({
      browsed: ["1e5", "100000.0", "1E5", "7", "07", "007", "0007"],
    });
    expect(missingIds).toEqual(["100000.0", "1E5", "07", "0007"]);
  });

  it.each(["constructor ", "valueOf", "__defineGetter__", "a\ud800", "a\udfff", "\u0000"])(
    "is missing like any other: %j",
    async (id) => {
      const { missingIds } = await createClient({ url: running.url }).recommend({ purchased: [id] });
      expect(missingIds).toEqual([id]);
    },
  );
});

const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
const chunked = (chunks: string, ...headers: string[]) =>
  [`POST ${PATH} HTTP/1.1`, "host: 127.0.0.1", "content-type: application/json", "transfer-encoding: chunked"]
    .concat(headers, "", chunks)
    .join("\r\n");
const raw = (...lines: string[]) => [`POST ${PATH} HTTP/1.1`, "host: 127.0.0.1", ...lines].join("\r\n");
const json = "content-type: application/json";

describe("a hostile request", () => {
  it.each<[what: string, request: string | Uint8Array, status: number, says: string]>([
    ["lists in lists", post(PATH, deep(200_000)), 400, "body is a list; it must be object"],
    [
      "lists in a field",
      post(PATH, `{"browsed":[${deep(200_000)}]}`),
      400,
      "browsed.0 is a list; it must be string",
    ],
    [
      "objects in objects",
      post(PATH, '{"a":'.repeat(70_000) + "1" + "}".repeat(70_000)),
      400,
      'no field "a"',
    ],
    ["a number beyond all", post(PATH, '{"halfLife":1e999}'), 400, "halfLife is too large a number"],
    ["a long number", post(PATH, `{"n":${"9".repeat(400_000)}}`), 400, "n is too large a number"],
    ["a negative number", post(PATH, '{"n":-0.1}'), 400, "n is -0.1; it must be integer"],
    ["no object", post(PATH, "null"), 400, "body is null"],
    ["__proto__", post(PATH, '{"__proto__":{"n":1}}'), 400, 'no field "__proto__"'],
    [
      "constructor.prototype",
      post(PATH, '{"filter":{"constructor":{"prototype":1}}}'),
      400,
      'no field "constructor"',
    ],
    ["a field of lone surrogates", post(PATH, '{"\\ud800":1}'), 400, "there is no field"],
    ["half of JSON", post(PATH, '{"browsed":["a"'), 400, "not valid JSON"],
    ["NaN", post(PATH, '{"halfLife":NaN}'), 400, "not valid JSON"],
    ["an id of 10 kB", post(PATH, JSON.stringify({ browsed: ["x".repeat(10_240)] })), 400, "more than 256"],
    [
      "a list of 100,000",
      post(PATH, JSON.stringify({ exclude: Array(100_000).fill("a") })),
      400,
      "more than 200",
    ],
    [
      "a form",
      post(PATH, "browsed=a", "content-type: application/x-www-form-urlencoded"),
      415,
      "application/json",
    ],
    ["plain text", post(PATH, "{}", "content-type: text/plain"), 415, "application/json"],
    ["XML", post(PATH, "<x/>", "content-type: application/xml"), 415, "application/json"],
    ["a type that is no type", post(PATH, "{}", "content-type: json/../__proto__"), 415, "application/json"],
    ["gzip", post(PATH, gzipSync("{}"), "content-encoding: gzip"), 415, "without a content-encoding"],
    [
      "a bomb",
      post(PATH, gzipSync(Buffer.alloc(50_000_000)), "content-encoding: gzip"),
      415,
      "content-encoding",
    ],
    ["too long a body", post(PATH, " ".repeat(600_000)), 413, "at most 524288 bytes"],
    [
      "too long a body in chunks",
      chunked(`${`10000\r\n${" ".repeat(65_536)}\r\n`.repeat(9)}0\r\n\r\n`),
      413,
      "524288",
    ],
    ["a wrong chunk", chunked("zz\r\n{}\r\n0\r\n\r\n"), 400, "not valid HTTP"],
    [
      "a long extension of a chunk",
      chunked(`2;${"x".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
      400,
      "not valid HTTP",
    ],
    ["two lengths", raw(json, "content-length: 2", "content-length: 3", "", "{}"), 400, "not valid HTTP"],
    ["a negative length", raw(json, "content-length: -2", "", "{}"), 400, "not valid HTTP"],
    [
      "a length and chunks",
      chunked("0\r\n\r\nGET /livez HTTP/1.1\r\n\r\n", "content-length: 2"),
      400,
      "not valid HTTP",
    ],
    ["an unknown coding", raw(json, "transfer-encoding: xchunked", "", "0\r\n\r\n"), 400, "not valid HTTP"],
    ["a header of a header", get("/livez", "x: a\rb: c"), 400, "not valid HTTP"],
    ["bare line feeds", "GET /livez HTTP/1.1\nhost: a\n\n", 400, "not valid HTTP"],
    ["another protocol", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "not valid HTTP"],
    ["TLS", Buffer.from("16030100a5010000a1", "hex"), 400, "not valid HTTP"],
    [
      "a wish that nobody knows",
      raw(json, "expect: miracles", "content-length: 2", "", ""),
      417,
      "100-continue alone",
    ],
    ["half a percent in the path", get("/items/%/neighbours"), 400, "must be UTF-8"],
    ["invalid UTF-8 in the path", get("/items/%E9/neighbours"), 400, "must be UTF-8"],
    ["an overlong slash", get("/items/%C0%AF/neighbours"), 400, "must be UTF-8"],
    ["a surrogate in the path", get("/items/%ED%A0%80/neighbours"), 400, "must be UTF-8"],
    ["raw bytes in the path", get(`${PATH}?browsed=\xe9`), 400, "not valid HTTP"],
    ["no id", get("/items//neighbours"), 400, "item"],
    ["an id of 257 bytes", get(`/items/${"x".repeat(257)}/neighbours`), 400, "more than 256 bytes"],
    [
      "an id of 10 kB in the path",
      get(`/items/${"x".repeat(10_240)}/neighbours`),
      400,
      "more than 256 bytes",
    ],
    ["200 kB of broken path", get(`/${"%".repeat(200_000)}`), 400, "must be UTF-8"],
    ["300 kB of path", get(`/${"x".repeat(300_000)}`), 431, "too long"],
    ["a parameter twice", get(`${PATH}?n=1&n=2`), 400, "n is a list"],
    ["a list by brackets", get(`${PATH}?browsed[]=a`), 400, 'no parameter "browsed[]"'],
    ["__proto__ as a parameter", get(`${PATH}?__proto__=1`), 400, 'no parameter "__proto__"'],
    [
      "20,000 parameters",
      get(`${PATH}?${Array.from({ length: 20_000 }, (_, k) => `p${k}`).join("&")}`),
      400,
      '"p0"',
    ],
    [
      "20,000 empty ids and one too many",
      get(`${PATH}?browsed=${",".repeat(20_000)}${"a,".repeat(201)}`),
      400,
      "201 ids",
    ],
    ["//", get("//livez"), 404, "there is no GET //livez"],
    ["a way up", get("/items/../livez"), 404, "there is no"],
    ["an encoded way up", get("/docs/%2e%2e/%2e%2e/package.json"), 404, "there is no"],
    ["an encoded slash elsewhere", get("/models%2Fcurrent"), 404, "there is no"],
    ["an address without a path", get("http://evil.example"), 404, "there is no"],
    ["all addresses", "OPTIONS * HTTP/1.1\r\nconnection: close\r\n\r\n", 404, "there is no OPTIONS *"],
    ["a script in the path", get('/"><script>alert(1)</script>'), 404, "there is no"],
    [
      "another method",
      `DELETE ${PATH} HTTP/1.1\r\nconnection: close\r\n\r\n`,
      405,
      "there are GET, HEAD, POST",
    ],
    [
      "TRACE",
      "TRACE /livez HTTP/1.1\r\nconnection: close\r\nx-api-key: k\r\n\r\n",
      405,
      "there are GET, HEAD",
    ],
    ["a method of WebDAV", "PROPFIND /events HTTP/1.1\r\nconnection: close\r\n\r\n", 405, "there are POST"],
  ])("is refused in words, and harms nobody: %s", async (_what, request, status, says) => {
    const { answers, isClosed } = await exchange(running.port, request);
    expect(answers.map((answer) => answer.status)).toEqual([status]);
    const [{ headers, body }] = answers;
    const problem = JSON.parse(body) as HttpProblem;
    expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff" });
    expect(problem).toMatchObject({ type: "about:blank", status, detail: expect.stringContaining(says) });
    // Who sends much does not get much back.
    expect(body.length).toBeLessThan(500);
    if (status === 400) expect(problem.field).toEqual(expect.any(String));
    if (status === 405) expect(headers["allow"]).toBe(/there are (.*)$/.exec(problem.detail)![1]);
    expect(isClosed).toBe(true);
    await alive();
  });

  it.each<[what: string, request: string | Uint8Array, says: string]>([
    ["an absolute address", get("http://shop.example/livez"), '"status":"ok"'],
    ["a byte order mark", post(PATH, "\ufeff{}"), '"results"'],
    ["the same field twice", post(PATH, '{"n":100,"n":1}'), '"results"'],
    ["HTTP/1.0", "GET /livez HTTP/1.0\r\n\r\n", '"status":"ok"'],
    ["a wish for another protocol", get("/livez", "upgrade: h2c, websocket"), '"status":"ok"'],
    ["bytes that are not UTF-8, in a list", get(`${PATH}?browsed=%ff%fe,%00,%`), '"missingIds":["%ff%fe'],
    ["bytes that are not UTF-8, in JSON", post(PATH, Buffer.from('{"browsed":["\xff"]}', "latin1")), ""],
  ])("may be answered: %s", async (_what, request, says) => {
    const { answers } = await exchange(running.port, request);
    expect(answers).toHaveLength(1);
    expect(answers[0].status).toBeLessThan(500);
    expect(answers[0].body).toContain(says);
    await alive();
  });

  it("cannot hide another in its body", async () => {
    const inner = "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n";
    const tooLong = raw(json, `content-length: ${inner.length * 16_000}`, "", inner.repeat(16_000));
    for (const outer of [tooLong, raw(`content-length: ${inner.length}`, "", inner)]) {
      const { answers } = await exchange(running.port, outer, 1000);
      expect(answers.map(({ status }) => status)).toHaveLength(1);
    }
    await alive();
  });

  it("may come with some others at once, and is answered in order", async () => {
    const more = get("/livez").replace("connection: close\r\n", "");
    const { answers } = await exchange(running.port, more.repeat(4) + get("/models/current"));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers[4].body).toContain('"lastDay"');
  });

  it("leaves nothing in the log that it said", () => {
    expect(running.log()).not.toMatch(/evil|script|__proto__|"level":"?error|ERROR|CRITICAL/);
  });
});
