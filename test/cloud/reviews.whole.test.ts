import { trust } from "../stand-ins/platform/own-roots.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { rescoreReviews } from "../../cli/rescore-reviews.ts";
import type { ReviewAnswer } from "../../contracts/http/reviews.ts";
import { accountEmail, SCORE_REVIEW } from "../../contracts/google-names.ts";
import { openStore } from "../../recommender/reviews/open-reviews.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { smallSnapshot } from "../night/shop.ts";
import { publishSnapshot } from "../published.ts";
import { closing, failing, MODEL, soon } from "../recommender/personal/service.ts";
import { get, page, post } from "../recommender/reviews/service.ts";
import { classified, startClassifier } from "../stand-in-classifier.ts";
import { datastoreEmulator } from "../stand-ins/datastore/datastore.ts";
import { onLogLine } from "./function-log.ts";
import { startFunctionShop, type FunctionShop } from "./function-shop.ts";

type Says = Parameters<typeof startClassifier>[0];
/** Positive, but for texts with the word bad. */
const judge: Says = ({ request }) => classified(request.text.includes("bad") ? 0.1 : 0.9);
/** What a test waits for while transactions wait for each other's locks. */
const patiently = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 60_000, interval: 250 });

describe.skipIf(!datastoreEmulator())("reviews on Google Cloud", () => {
  let shop: FunctionShop;
  let server: Server;
  /** The function's lines. */
  let log: Record<string, unknown>[] = [];

  beforeAll(async () => {
    const quick = { "reviews.retries": 0, "reviews.breakMs": 100, "reviews.attempts": 2 };
    shop = await startFunctionShop("reviews", "toys", { ...quick, "reviews.callMs": 10_000 });
    trust(shop.front.certificate);
    await publishSnapshot(shop.objects, MODEL, smallSnapshot(20, "toys"), "toys");
    const many = { "reviews.on": true, "reviews.perHour": 1000, "reviews.perItem": 1000 };
    server = await serve({ settings: { ...shop.settings, ...many }, objects: shop.objects });
    onLogLine((line) => log.push(line));
  });
  afterEach(async () => {
    shop.cloud.faults.clear();
    shop.cloud.tasks.drop();
    shop.cloud.tasks.resume();
    await shop.cloud.resetDatastore();
    log = [];
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await server.close();
    await shop.close();
  });

  const classifier = async (says: Says) => {
    const service = closing(await startClassifier(says));
    shop.serveFrom(service.address);
    return service;
  };
  const sentimentOf = async ({ review }: ReviewAnswer) =>
    (await get<ReviewAnswer>(server, `/reviews/${review}`)).answer.sentiment;
  /** Sends some, one after the other: several of each item. */
  const send = async (reviews: number, texts = (k: number) => `${k}`) => {
    const sent: ReviewAnswer[] = [];
    for (let k = 0; k < reviews; k++)
      sent.push((await post(server, { text: texts(k), item: `i${k % 3}`, user: `u${k}` })).answer);
    return sent;
  };
  const call = async (body: object, account: "review-tasks" | "tasks" | null = "review-tasks") => {
    const url = `${shop.functionsUrl}/${SCORE_REVIEW}`;
    const email = account && accountEmail(account, shop.cloud.project);
    const token = email ? await shop.cloud.identity.token({ audience: url, email }) : "";
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
  };
  /** As Cloud Scheduler does it. */
  const sweep = () => call({ shop: "toys" });
  /** Waits for scores as a shop does: what the queue gives up is found by the next look. */
  const scored = async (reviews: ReviewAnswer[], sentiment: number) => {
    for (const each of reviews)
      await patiently(async () => {
        await sweep();
        return sentimentOf(each);
      }).toBe(sentiment);
  };
  const outcomes = () => log.filter(({ event }) => event === "review").map(({ outcome }) => outcome);

  it("are stored at once, and scored within the trace of their request; the item's rating follows", async () => {
    const { calls } = await classifier(judge);
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const good = await post(server, {}, { traceparent: `00-${trace}-b7ad6b7169203331-01` });
    expect(good.response.status).toBe(201);
    await patiently(() => sentimentOf(good.answer)).toBe(0.9);
    const { answer } = await page(server, good.answer.item);
    expect(answer.rating).toEqual({ stars: 4, reviews: 1, sentiment: 0.9 });
    expect(String(calls[0].metadata.get("traceparent")[0])).toContain(`00-${trace}-`);
    expect(shop.front.refused).toEqual([]);
    const recommended = async () =>
      (await fetch(`${server.url}/make_recommendation?basket=toys-0002&n=20`)).text();
    await soon(recommended).toContain('"rating":{"stars":4,"reviews":1,"sentiment":0.9}');
    expect(JSON.stringify(log)).not.toMatch(/ann|tent/);
  });

  it.each<[string, Says]>([
    ["is down", () => "UNAVAILABLE"],
    ["hangs", () => new Promise(() => {})],
    ["has too much to do", () => "RESOURCE_EXHAUSTED"],
  ])("wait while the service %s; then each is scored once, in the order of its item", async (_, says) => {
    await shop.set({ "reviews.retries": 0, "reviews.breakMs": 100, "reviews.callMs": 300 });
    const service = await classifier(says);
    const sent = await send(9);
    await soon(() => outcomes().length).toBeGreaterThan(0);
    const answered: string[] = [];
    await shop.set({ "reviews.retries": 0, "reviews.breakMs": 100, "reviews.callMs": 10_000 });
    service.answer((call) => {
      if (call.request.text !== "good") answered.push(call.request.text);
      return judge(call);
    });
    await scored(sent, 0.9);
    for (const rest of [0, 1, 2]) {
      const ofItem = answered.filter((text) => Number(text) % 3 === rest);
      expect(ofItem).toEqual(["0", "3", "6"].map((text) => `${Number(text) + rest}`));
    }
  });

  it("whose delivery is lost are found by the next look; one that comes twice does nothing", async () => {
    const { calls } = await classifier(judge);
    shop.cloud.tasks.pause();
    const sent = await send(4);
    await soon(() => shop.cloud.tasks.list().length).toBe(4);
    const { name } = shop.cloud.tasks.list()[0];
    await shop.cloud.tasks.deliver();
    shop.cloud.tasks.drop();
    await Promise.all([shop.cloud.tasks.duplicate(name), shop.cloud.tasks.duplicate(name), sweep(), sweep()]);
    await sweep();
    for (const each of sent) expect(await sentimentOf(each)).toBe(0.9);
    expect(calls).toHaveLength(4);
    expect(log.filter(({ event }) => event === "reviews waiting").at(-1)).toMatchObject({
      waiting: 0,
      ageSeconds: 0,
      failed: 0,
    });
  });

  it("that are refused by the service are set aside, and the log is an error", async () => {
    await classifier((each) => (each.request.text === "poison" ? "INVALID_ARGUMENT" : judge(each)));
    const [poison, , , next] = await send(4, (k) => (k === 0 ? "poison" : "good"));
    await scored([next], 0.9);
    expect(await sentimentOf(poison)).toBeNull();
    expect(log.filter(({ severity }) => severity === "ERROR")).toMatchObject([
      { event: "review", review: poison.review, outcome: "set aside" },
    ]);
    const store = closing(await openStore(shop.settings, () => {}));
    expect(await store.tasks.failed("toys", 9)).toMatchObject([{ id: poison.review, item: "i0" }]);
  });

  it("are scored again by one command after a change of the model, each once", async () => {
    const service = await classifier(judge);
    const sent = await send(6);
    await scored(sent, 0.9);
    service.answer(() => classified(0.2, "m@2"));
    const before = service.calls.length;
    const store = closing(await openStore(shop.settings, () => {}));
    const said = vi.spyOn(console, "log").mockImplementation(() => {});
    const patient = { ...shop.settings, "reviews.callMs": 10_000 };
    await rescoreReviews(store, patient, new AbortController().signal);
    expect(said.mock.calls.flat().join()).toContain("6 reviews were scored again");
    for (const each of sent) expect(await sentimentOf(each)).toBe(0.2);
    // The command asks which model there is.
    expect(service.calls).toHaveLength(before + sent.length + 1);
  });

  it("are stored while the queue is away, and scored by the next look", async () => {
    await classifier(judge);
    const error = { code: "UNAVAILABLE" } as const;
    shop.cloud.faults.add({ call: "Tasks.CreateTask", error, times: 1000 });
    const { answer, response } = await post(server);
    expect(response.status).toBe(201);
    expect(await failing(server)).toContain("the queue of reviews");
    await sweep();
    expect(await sentimentOf(answer)).toBe(0.9);
  });

  it("are refused while Datastore is away, and taken when it is back", async () => {
    await classifier(judge);
    const error = { code: "UNAVAILABLE" } as const;
    const calls = ["Lookup", "Commit", "BeginTransaction", "RunQuery"].map((name) => `Datastore.${name}`);
    const away = calls.map((name) => shop.cloud.faults.add({ call: name, error, times: 10_000 }));
    expect((await post(server)).response.status).toBe(503);
    for (const each of away) each.release();
    await patiently(async () => (await post(server)).response.status).toBe(201);
  });

  it("are scored by the function for its queue alone, which takes nothing but these tasks", async () => {
    await classifier(judge);
    const task = { shop: "toys", item: "i1" };
    expect(await call(task, null)).toBe(401);
    expect(await call(task, "tasks")).toBe(403);
    expect(await call(task)).toBe(200);
    for (const change of [{ shop: "../other" }, { item: "" }, { item: "x".repeat(257) }, { text: "bad" }])
      expect(await call({ ...task, ...change })).toBe(400);
  });
});
