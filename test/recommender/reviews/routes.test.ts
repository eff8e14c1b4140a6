import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { fileObjects } from "../../../adapters/storage/files.ts";
import type { ReadyAnswer } from "../../../contracts/http/catalogue.ts";
import type { RecommendationAnswer } from "../../../contracts/http/recommendation.ts";
import { paths } from "../../../contracts/layout.ts";
import { takeDown } from "../../../night/state/block-list.ts";
import { ask, dataFolder, itemsOf, MODEL, recommender, soon, standIn } from "../personal/service.ts";
import { listOf } from "../../stand-in-personalizer.ts";
import { temporaryFolder } from "../../temporary.ts";
import { get, page, post, REVIEW } from "./service.ts";

const ON = { "reviews.on": true };
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const FREE = { ...ON, "reviews.perItem": 1000, "reviews.perHour": 1000 };
const open = async (settings: object = FREE) => recommender(await dataFolder(), settings);

describe("a review that is sent", () => {
  it("is stored at once, without its sentiment, and stands where Location says", async () => {
    const server = await open();
    const { response, answer } = await post(server);
    expect(response.status).toBe(201);
    const { item, stars, text } = REVIEW;
    const review = expect.stringMatching(UUID) as string;
    expect(answer).toEqual({ review, item, stars, text, sentiment: null, at: expect.any(String) as string });
    expect(Math.abs(Date.parse(answer.at) - Date.now())).toBeLessThan(60_000);
    const location = new URL(response.headers.get("location")!, response.url);
    expect(location.pathname).toBe(`/reviews/${answer.review}`);
    expect(await (await fetch(location)).json()).toEqual(answer);
    expect((await page(server, item)).answer).toEqual({
      item,
      rating: { stars: 4, reviews: 1, sentiment: null },
      reviews: [answer],
      next: null,
    });
  });

  it("may come again with its Idempotency-Key, quoted or not, and gets the same answer", async () => {
    const server = await open({ ...ON, "reviews.perHour": 1 });
    const key = randomUUID();
    const first = await post(server, {}, { "idempotency-key": `"${key}"` });
    const again = await post(server, {}, { "idempotency-key": key });
    expect([first.response.status, again.response.status]).toEqual([201, 201]);
    expect(again.answer).toEqual(first.answer);
    expect(again.response.headers.get("location")).toBe(first.response.headers.get("location"));
    const other = await post(server, { stars: 1 }, { "idempotency-key": key });
    expect([other.response.status, other.answer.detail]).toEqual([
      422,
      expect.stringContaining("another body"),
    ]);
    const bad = await post(server, {}, { "idempotency-key": "a b" });
    expect([bad.response.status, bad.answer.field]).toEqual([400, "idempotency-key"]);
  });

  it("is one too many of the item within a day, or of all within an hour: 429, and when to come again", async () => {
    const server = await open(ON);
    await post(server);
    const daily = await post(server);
    expect(daily.response.status).toBe(429);
    expect(Number(daily.response.headers.get("retry-after"))).toBeGreaterThan(86_000);
    expect(daily.answer.detail).toContain("of this item within 24 hours");
    for (const item of ["a", "b"]) expect((await post(server, { item })).response.status).toBe(201);
    const hourly = await post(server, { item: "c" });
    expect([hourly.response.status, hourly.answer.detail]).toEqual([
      429,
      expect.stringContaining("within an hour"),
    ]);
    expect(Number(hourly.response.headers.get("retry-after"))).toBeLessThanOrEqual(3600);
    expect((await post(server, { user: "bob", item: "c" })).response.status).toBe(201);
  });

  it.each([
    ["user", ""],
    ["user", "é".repeat(129)],
    ["user", "\ud800"],
    ["item", "x".repeat(257)],
    ["item", 7],
    ["stars", 0],
    ["stars", 6],
    ["stars", 4.5],
    ["stars", "5"],
    ["text", "x".repeat(5001)],
    ["text", "half \udc00"],
    ["text", null],
    ["sentiment", 1],
  ])("is refused for its %s: %.20j", async (field, value) => {
    const { response, answer } = await post(await open(), { [field]: value });
    expect([response.status, answer.field]).toEqual([400, field]);
  });

  it.each([
    ["of 5,000 characters of two units each", "\u{1f600}".repeat(5000)],
    ["of control characters", "nul\0 \u001b[31m \r\n\u2028"],
    ["of markup", `</script><img src=x onerror="alert(1)">&amp;`],
    ["of blanks", " \n\t"],
    ["of nothing", ""],
  ])("may have a text %s, and comes back as it was", async (_what, text) => {
    const server = await open();
    expect((await post(server, { text })).answer.text).toBe(text);
    expect((await page(server, REVIEW.item)).answer.reviews[0].text).toBe(text);
  });

  it("may be of an item that the model does not know yet", async () => {
    const server = await open();
    expect((await post(server, { item: "new/today" })).response.status).toBe(201);
    expect((await page(server, "new/today")).answer.reviews).toHaveLength(1);
  });
});

describe("an item's reviews", () => {
  it("come page by page, the newest first, and never say who wrote them", async () => {
    const server = await open();
    for (let k = 0; k < 5; k++) await post(server, { user: `the-user-${k}`, text: `${k}` });
    const texts: string[] = [];
    for (let query: string | null = "?n=2"; query !== null;) {
      const { answer }: Awaited<ReturnType<typeof page>> = await page(server, REVIEW.item, query);
      expect(JSON.stringify(answer)).not.toContain("the-user");
      texts.push(...answer.reviews.map(({ text }) => text));
      query = answer.next && `?n=2&cursor=${answer.next}`;
    }
    // Several may have come in one millisecond.
    expect(texts.toSorted()).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("may be kept by a browser until something changes", async () => {
    const server = await open();
    await post(server);
    const path = `/items/${REVIEW.item}/reviews`;
    const { response } = await get(server, path);
    expect(response.headers.get("cache-control")).toBe("private, no-cache");
    const known = { "if-none-match": response.headers.get("etag")! };
    expect((await get(server, path, known)).response.status).toBe(304);
    await post(server, { user: "bob" });
    expect((await get(server, path, known)).response.status).toBe(200);
  });

  it.each(["?n=0", "?n=101", "?cursor=x", "?cursor=", "?sort=up"])("refuse %s", async (query) => {
    expect((await page(await open(), "a", query)).response.status).toBe(400);
  });

  it.each(["x", "__x__", "x".repeat(2000)])("are refused by an id that no review has: %.9s", async (id) => {
    expect((await get(await open(), `/reviews/${id}`)).response.status).toBe(400);
  });

  it("are not shown while the item is taken down, and stay", async () => {
    const data = await dataFolder();
    const server = await recommender(data, FREE);
    const { answer } = await post(server);
    const down = { shop: "toys", items: [REVIEW.item], reason: "recall", now: new Date() };
    await takeDown(fileObjects(data), down);
    await server.refresh();
    expect((await page(server, REVIEW.item)).response.status).toBe(404);
    expect((await get(server, `/reviews/${answer.review}`)).response.status).toBe(404);
    expect((await post(server, { user: "bob" })).response.status).toBe(201);
  });
});

describe("recommendations", () => {
  it("of a user never have what that user has just given a bad review, also where popular items fill them", async () => {
    const { address } = await standIn(() => listOf(["toys-0011", "toys-0012"], MODEL));
    const server = await recommender(await dataFolder(), { ...FREE, "personal.address": address });
    const items = async (user: string) => itemsOf((await ask(server, user, "n=4")).answer);
    await soon(() => items("ann")).toEqual(["toys-0011", "toys-0012", "toys-0000", "toys-0001"]);
    for (const item of ["toys-0011", "toys-0000"]) await post(server, { item, stars: 1 });
    await post(server, { item: "toys-0001", stars: 1 });
    // They have changed their mind.
    await post(server, { item: "toys-0001", stars: 3 });
    await soon(() => items("ann")).toEqual(["toys-0012", "toys-0001", "toys-0002", "toys-0003"]);
    await soon(() => items("bob")).toEqual(["toys-0011", "toys-0012", "toys-0000", "toys-0001"]);
    // Of whom no list comes.
    const alone = await recommender(await dataFolder(), FREE);
    await post(alone, { item: "toys-0000", stars: 2 });
    await soon(async () => itemsOf((await ask(alone, "ann")).answer)).not.toContain("toys-0000");
  });

  it("have the rating of each item that has one, and another tag when it changes", async () => {
    const server = await open();
    const recommend = () => get<RecommendationAnswer>(server, "/make_recommendation?n=20");
    const before = await recommend();
    expect(before.answer.results.some(({ rating }) => rating)).toBe(false);
    await post(server, { item: "toys-0003", stars: 2 });
    await post(server, { item: "toys-0003", stars: 5, user: "bob" });
    const rating = { stars: 3.5, reviews: 2, sentiment: null };
    const ratings = async () =>
      (await recommend()).answer.results
        .filter(({ rating }) => rating)
        .map(({ item, rating }) => [item, rating]);
    await soon(ratings).toEqual([["toys-0003", rating]]);
    const after = await recommend();
    expect(after.response.headers.get("etag")).not.toBe(before.response.headers.get("etag"));
    const personal = (await ask(server, "cid", "n=20")).answer.results;
    expect(personal.find(({ item }) => item === "toys-0003")!.rating).toEqual(rating);
  });
});

describe("a recommender", () => {
  it("without reviews has no such routes, metrics or files", async () => {
    const server = await open({});
    expect((await post(server)).response.status).toBe(404);
    expect(await (await fetch(`${server.opsUrl}/metrics`)).text()).not.toContain("steamer_reviews");
  });

  it("of several shops keeps their reviews apart", async () => {
    const server = await open({ ...ON, shops: ["toys", "books"] });
    const shop = (name: string) => ({ url: `${server.url}/shops/${name}` });
    const { response, answer } = await post(shop("toys"));
    expect(new URL(response.headers.get("location")!, response.url).pathname).toBe(
      `/shops/toys/reviews/${answer.review}`,
    );
    expect((await post(shop("books"))).response.status).toBe(201);
    expect((await page(shop("toys"), REVIEW.item)).answer.reviews).toEqual([answer]);
    expect((await get(shop("books"), `/reviews/${answer.review}`)).response.status).toBe(404);
  });

  it("takes reviews before its first model", async () => {
    const server = await recommender(temporaryFolder(), ON);
    expect((await post(server)).response.status).toBe(201);
    expect((await page(server, REVIEW.item)).answer.reviews).toHaveLength(1);
  });

  it("whose file is damaged says so, refuses reviews for a while, and recommends as before", async () => {
    const data = await dataFolder();
    writeFileSync(join(data, paths.reviews), "no database".repeat(1000));
    let log = "";
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      log += chunk.toString();
      done();
    };
    const server = await recommender(data, ON, { log: pino(new Writable({ write })) });
    const { response } = await post(server, { text: "the secret text" });
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
    expect((await page(server, REVIEW.item)).response.status).toBe(503);
    expect((await get<ReadyAnswer>(server, "/readyz")).answer).toMatchObject({
      status: "degraded",
      failing: ["reviews"],
    });
    expect((await get(server, "/make_recommendation")).response.status).toBe(200);
    expect(log).toMatch(/damaged.*backup/);
    expect(log).not.toContain("the secret text");
  });

  it("counts what is sent, and what waits", async () => {
    const server = await open({ ...ON, "reviews.perHour": 1 });
    await post(server, {}, { "idempotency-key": "k" });
    await post(server, {}, { "idempotency-key": "k" });
    await post(server, {});
    const metrics = async () => (await fetch(`${server.opsUrl}/metrics`)).text();
    await soon(metrics).toContain('steamer_reviews_waiting{shop="toys",again="no"} 1');
    for (const outcome of ["added", "repeated", "limited"])
      expect(await metrics()).toContain(`steamer_reviews_sent_total{shop="toys",outcome="${outcome}"} 1`);
  });
});
