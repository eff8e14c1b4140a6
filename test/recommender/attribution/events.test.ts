import { createHmac } from "node:crypto";
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import fc from "fast-check";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ATTRIBUTED, type AttributionEvent, type EventsAnswer } from "../../../contracts/http/attribution.ts";
import type { HttpProblem } from "../../../contracts/http/http-problem.ts";
import { SOURCES, type RecommendationAnswer, type Result } from "../../../contracts/http/recommendation.ts";
import { createHmacSha256 } from "../../../recommender/attribution/hmac.ts";
import { readTokenKey } from "../../../recommender/attribution/token-key.ts";
import { logSink } from "../../../recommender/attribution/log-sink.ts";
import { murmur3 } from "../../../core/text/hash.ts";
import { createTokens, TOKEN_DAYS } from "../../../recommender/attribution/token.ts";
import { temporaryFolder } from "../../temporary.ts";
import { camp, loadedModel, testApp, TOKEN_KEY } from "../test-app.ts";
import { row } from "./row.ts";

/** An answer without results. */
const NOTHING = {
  model: "m",
  scenario: "similar",
  results: [],
  ids: { idHashOf: () => 0 },
  at: 0,
} as const;
const ASKED = "/make_recommendation?browsed=tent&scenario=similar&n=3";

describe("POST /events", () => {
  let test: Awaited<ReturnType<typeof testApp>>;
  let token: string;
  beforeAll(async () => {
    test = await testApp({ model: loadedModel(camp()) });
    const asked = await test.app.inject(ASKED);
    token = asked.json<RecommendationAnswer>().attributionToken;
  });
  afterAll(() => test.app.close());
  const post = (payload: object) => test.app.inject({ method: "POST", url: "/events", payload });
  const send = async (...events: Partial<AttributionEvent>[]) => {
    const whole = events.map((event) => ({ event: "click", token, item: "dome", ...event }));
    return (await post({ events: whole })).json<EventsAnswer>();
  };

  it("takes what became of the results of an answer, with where they came from", async () => {
    const answer = await send({ id: "e1" }, { id: "e2", event: "purchase", item: "mug" });
    expect(answer).toEqual({ accepted: 2, duplicates: 0, refused: [] });
    const same = { answer: token.slice(-16), scenario: "similar", model: "2026-11-21.1" };
    expect(test.rows).toMatchObject([
      { id: "e1", event: "click", item: "dome", source: "model", position: 1, ...same },
      { id: "e2", event: "purchase", item: "mug", source: "popular", position: 2, ...same },
    ]);
    const labels = 'source="model",scenario="similar",model="2026-11-21.1"';
    expect(test.metrics.text()).toContain(`steamer_attribution_total{shop="toys",event="click",${labels}} 1`);
  });

  it("counts an event that comes twice once, be it in one request or in two, whatever its id", async () => {
    const twice = { event: "add_to_cart" } as const;
    expect(await send({ ...twice, id: "1" }, { ...twice, id: "2" })).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
    expect(await send({ ...twice, id: "3" })).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it("takes at most one event of each kind for each item that a token's answer showed", async () => {
    const asked = await test.app.inject(ASKED);
    const { attributionToken: other, results } = asked.json<RecommendationAnswer>();
    const before = test.rows.length;
    for (let round = 0; round < 3; round++)
      for (const event of ATTRIBUTED)
        await send(...results.map(({ item }, k) => ({ id: `${round}-${k}`, event, item, token: other })));
    const added = test.rows.slice(before).map(({ event, position }) => `${event} ${position}`);
    expect(added).toHaveLength(ATTRIBUTED.length * results.length);
    expect(new Set(added).size).toBe(added.length);
  });

  it("refuses an event that does not fit, and takes its neighbours", async () => {
    const fine = { event: "impression", item: "dome", token } as const;
    const items = [{ ...fine, id: "fine" }, { ...fine, id: 7 }, "no event", { ...fine, event: "looked" }];
    expect((await post({ events: [...items, { ...fine, id: "b", user: "ann" }] })).json()).toEqual({
      accepted: 1,
      duplicates: 0,
      refused: [
        { id: "", reason: expect.stringContaining("id is 7; it must be string") },
        { id: "", reason: expect.stringContaining('event is "no event"; it must be object') },
        { id: "", reason: "id is missing" },
        { id: "b", reason: 'there is no field "user"; there are id, event, item, token' },
      ],
    });
    const { status, field } = (await post({ events: items, user: "ann" })).json<HttpProblem>();
    expect([status, field]).toEqual([400, "user"]);
  });

  it("counts an event once for each answer, and says which answer it was", async () => {
    // The same answer to another customer, in the same minute, is another one.
    const asked = await test.app.inject(ASKED);
    const { attributionToken: other, results } = asked.json<RecommendationAnswer>();
    const before = test.rows.length;
    const same = { id: "same", event: "purchase", item: results[0].item } as const;
    expect(await send(same, { ...same, token: other })).toMatchObject({ accepted: 2, duplicates: 0 });
    const answers = test.rows.slice(before).map(({ answer }) => answer);
    expect(answers).toEqual([token, other].map((each) => each.slice(-16)));
    expect(new Set(answers).size).toBe(2);
  });

  it("refuses tokens that are made up, changed or expired, and items that the answer did not have", async () => {
    const changed = (token[20] === "A" ? "B" : "A") + token.slice(21);
    const reasons = async (event: Partial<AttributionEvent>) =>
      (await send({ id: "r", ...event })).refused.map(({ reason }) => reason);
    expect(await reasons({ token: "" })).toEqual(["the token is not one of ours"]);
    expect(await reasons({ token: token.slice(0, 20) + changed })).toEqual(["the token is not one of ours"]);
    expect(await reasons({ item: "tent" })).toEqual(["the answer did not have the item"]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + (TOKEN_DAYS + 1) * 86_400_000 });
    expect(await reasons({})).toEqual(["the token has expired"]);
    vi.useRealTimers();
    expect(await send({ id: "r" })).toMatchObject({ refused: [] });
  });

  it.each([
    [{ events: [] }, "events"],
    [{ events: [{ id: "a", event: "click", item: "x" }] }, "events.0.token"],
    [{ events: [{ id: "a", event: "looked", item: "x", token: "" }] }, "events.0.event"],
    [{ events: [{ id: "a", event: "click", item: "x", token: "", user: "ann" }] }, "events.0.user"],
    [{}, "events"],
  ])("refuses %j and names the field", async (body, field) => {
    expect((await post(body)).json()).toMatchObject({ status: 400, field });
  });
});

describe("a token", () => {
  // No answer has both of the first two, or of the next two.
  const first = fc.constantFrom("personal", "model");
  const second = fc.constantFrom("popular_in_scope", "popular_in_category");
  const result = fc.record({ item: fc.string({ minLength: 1 }), source: fc.constantFrom(...SOURCES) });
  const inOrder = (results: Pick<Result, "item" | "source">[]) =>
    results.toSorted((a, b) => SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source)) as Result[];

  const signed = (results: Result[]) => ({
    results: results.map(({ source }, row) => ({ row, source })),
    ids: { idHashOf: (row: number) => murmur3(results[row].item) },
  });

  it("gives back the place and source of each item of its answer", () => {
    const tokens = createTokens(TOKEN_KEY);
    const some = fc.uniqueArray(result, { selector: ({ item }) => item, maxLength: 100 });
    const answers = fc
      .tuple(some, first, second)
      .map(([results, ...out]) => inOrder(results.filter(({ source }) => !out.includes(source as never))));
    fc.assert(
      fc.property(answers, fc.constantFrom("similar", "together"), (results, scenario) => {
        const read = tokens.read(
          tokens.sign({ ...signed(results), model: "2026-11-21.1", scenario, at: 1e12 }),
          1e12,
        );
        if (typeof read === "string") throw new Error(read);
        expect([read.model, read.scenario]).toEqual(["2026-11-21.1", scenario]);
        results.forEach(({ item, source }, place) => expect(read.find(item)).toEqual({ place, source }));
      }),
    );
  });

  it("of another key does not count", () => {
    const other = createTokens(Buffer.alloc(32, "x"));
    const token = createTokens(TOKEN_KEY).sign(NOTHING);
    expect(other.read(token, 0)).toBe("forged");
  });
});

describe("our HMAC", () => {
  it("is Node's, for keys and data of any length", () => {
    const bytes = (minLength: number) => fc.uint8Array({ minLength, maxLength: 200 });
    fc.assert(
      fc.property(bytes(1), bytes(0), (key, data) => {
        const hmac = createHmacSha256(key, 200);
        const mac = createHmac("sha256", key).update(data).digest("base64url");
        expect(hmac.macOf(data)).toBe(mac);
        const write = (into: Buffer, message: Uint8Array) => (into.set(message), message.length);
        expect(hmac.sign(write, data)).toBe(Buffer.from(data).toString("base64url") + mac);
      }),
    );
  });
});

describe("the secret of tokens", () => {
  const folder = temporaryFolder();

  it("is made in the data folder once, and readable by its owner alone", async () => {
    const made = await Promise.all(
      [1, 2, 3].map(() => readTokenKey({ data: join(folder, "data"), shop: "toys" })),
    );
    expect(new Set(made.map(({ key }) => Buffer.from(key).toString("hex"))).size).toBe(1);
    expect(readdirSync(join(folder, "data"))).toEqual(["token.key"]);
  });

  it("is read where it is, and nothing written beside it", async () => {
    const data = temporaryFolder();
    const { key } = await readTokenKey({ data, shop: "toys" });
    utimesSync(data, 0, 0);
    expect((await readTokenKey({ data, shop: "toys" })).key).toEqual(key);
    expect(statSync(data).mtimeMs).toBe(0);
  });

  it("is another one for each shop of a folder, in which a token of one does not count for the other", async () => {
    const data = temporaryFolder();
    const tokensOf = async (shop: string) => createTokens((await readTokenKey({ data, shop })).key);
    const [toys, books] = [await tokensOf("toys"), await tokensOf("books")];
    const token = toys.sign(NOTHING);
    expect(books.read(token, 0)).toBe("forged");
    expect((await tokensOf("toys")).read(token, 0)).toMatchObject({ model: "m" });
    const kept = readFileSync(join(data, "token.key"));
    expect(createTokens(kept).read(token, 0)).toBe("forged");
  });

  it("may be in a file of its own, long enough", async () => {
    const tokenKeyFile = join(folder, "secret");
    writeFileSync(tokenKeyFile, "short");
    await expect(readTokenKey({ data: folder, shop: "toys", tokenKeyFile })).rejects.toThrow(
      "it has 5 bytes",
    );
    writeFileSync(tokenKeyFile, "s".repeat(32));
    const cloud = { data: "gs://bucket", shop: "toys" };
    expect(await readTokenKey({ ...cloud, tokenKeyFile })).toMatchObject({ isShared: true });
    expect(await readTokenKey(cloud)).toMatchObject({ isShared: false });
  });
});

describe("the log of events", () => {
  it("has them also where the log of the process has warnings alone", async () => {
    let log = "";
    const stream = new Writable({ write: (chunk, _, done) => ((log += String(chunk)), done()) });
    const quiet = pino({ level: "warn" }, stream);
    await logSink(quiet).write([row("2026-11-22T00:00:00.000Z", "1")]);
    quiet.info("not this");
    expect(JSON.parse(log)).toMatchObject({ attribution: { id: "1" } });
  });
});
