import { once } from "node:events";
import { connect } from "node:http2";
import { Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { afterAll, describe, expect, it } from "vitest";
import { personalizerDefinition } from "../../adapters/grpc/personalizer.ts";
import type { HistoryOfRequest, Pair, UserRequest } from "../../contracts/personalizer.ts";
import { CallMetrics } from "../../serving/grpc/call-metrics.ts";
import { limitLoad } from "../../serving/grpc/limits.ts";
import { memoryObjects } from "../night/shop.ts";
import { clientTo, predictions, started, type PredictionStream } from "./served.ts";
import { ITEMS, publishPersonal, USERS } from "./shop.ts";

const objects = memoryObjects();
await publishPersonal(objects, "2026-11-20.1");
const server = await started(objects, { "personalizer.maxCalls": 3, "personalizer.maxStreams": 2 });
const { recommend, popular, predict, health } = clientTo(server);

const view = (item: string): HistoryOfRequest => ({ item, event: "VIEW_ITEM", count: 1 });
const long = "é".repeat(129);

describe("a request out of bounds", () => {
  it.each<[string, Partial<UserRequest>]>([
    ["user has 0 bytes; ids have 1 to 256", { user: "" }],
    ["user has 258 bytes; ids have 1 to 256", { user: long }],
    ["n is 101; it must be a whole number from 1 to 100", { n: 101 }],
    ["n is 4294967295; it must be a whole number from 1 to 100", { n: -1 }],
    ["exclude[1] has 258 bytes; ids have 1 to 256", { exclude: ["a", long] }],
    ["exclude has 1001 entries; at most 1000 are looked at", { exclude: Array(1001).fill("a") as string[] }],
    ["history has 1001 entries; at most 1000 are looked at", { history: Array(1001).fill(view("a")) as [] }],
    ["history[0].item has 0 bytes; ids have 1 to 256", { history: [view("")] }],
    [
      "history[1].event is EVENT_UNSPECIFIED; it must be one of VIEW_ITEM, ADD_TO_CART, PURCHASE",
      { history: [view("a"), { item: "a", event: "EVENT_UNSPECIFIED", count: 1 }] },
    ],
    [
      "history[0].event is 9; it must be one of VIEW_ITEM, ADD_TO_CART, PURCHASE",
      { history: [{ item: "a", event: 9, count: 1 }] },
    ],
    [
      "history[0].count is 1000001; at most 1000000 is taken",
      { history: [{ ...view("a"), count: 1_000_001 }] },
    ],
  ])("is refused: %s", async (details, change) => {
    await expect(recommend({ user: "user-4", ...change })).rejects.toMatchObject({ code: 3, details });
  });

  it("is taken up to its bounds", async () => {
    const history = Array.from({ length: 1000 }, (_, k) => ({ ...view(ITEMS[k % 8]), count: 1_000_000 }));
    const exclude = Array.from({ length: 1000 }, (_, k) => `${k}`.padEnd(256, "x"));
    const { results } = await recommend({ user: "u".repeat(256), n: 100, history, exclude });
    expect(results.length).toBeGreaterThan(0);
    for (const { score } of results) expect(score).toSatisfy((value: number) => value > 0 && value <= 1);
  });

  it("is refused when its message is longer than 1 MiB", async () => {
    const exclude = ["x".repeat(2 ** 20)];
    await expect(recommend({ user: "user-4", exclude })).rejects.toMatchObject({ code: 8 });
  });
});

/** A call whose head has arrived, and whose message has not. */
function openCall(address: string) {
  const session = connect(`http://${address}`);
  afterAll(() => session.destroy());
  const stream = session.request({
    ":method": "POST",
    ":path": personalizerDefinition.GetPopular.path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.on("error", () => {});
  return stream;
}

describe("more than it takes on", () => {
  it("is refused, and taken again when there is room; a probe is always answered", async () => {
    const open = [1, 2, 3].map(() => openCall(server.address));
    await expect.poll(() => server.atWork().calls).toBe(3);
    await expect(popular({})).rejects.toMatchObject({
      code: 8,
      details: "too many calls at once: try again later",
    });
    expect(await health()).toBe("SERVING");
    for (const call of open) call.close(8);
    await expect.poll(() => server.atWork().calls).toBe(0);
    expect((await popular({})).results.length).toBe(10);
  });

  it("is refused of streams, too", async () => {
    const pair: Pair = { shop: "toys", user: USERS[0], item: ITEMS[0] };
    const first = [predict(), predict()];
    for (const stream of first) stream.write(pair);
    for (const stream of first) await once(stream, "data");
    const outcome = await new Promise((done) => predict().on("error", done));
    expect(outcome).toMatchObject({ code: 8, details: "too many streams at once: try again later" });
    for (const stream of first) stream.end();
    await Promise.all(first.map((stream: PredictionStream) => once(stream, "status")));
    expect((await predictions(predict(), [pair])).length).toBe(1);
  });

  it("takes a crowd of calls one after the other, and answers each", async () => {
    const many = Array.from({ length: 40 }, () =>
      popular({}).then(
        () => "answered",
        ({ code }) => code as number,
      ),
    );
    const outcomes = new Set(await Promise.all(many));
    expect([...outcomes].every((outcome) => outcome === "answered" || outcome === 8)).toBe(true);
    expect(server.atWork()).toEqual({ calls: 0, streams: 0 });
  });
});

describe("a call whose request does not arrive", () => {
  it("gives its place up after a while", async () => {
    const metrics = new CallMetrics();
    const slow = new Server({ interceptors: [limitLoad({ maxCalls: 10, maxStreams: 10 }, metrics, 30)] });
    slow.addService(personalizerDefinition, {
      GetPopular: (_call: object, done: sendUnaryData<object>) => done(null, {}),
    });
    afterAll(() => slow.forceShutdown());
    const port = await new Promise<number>((done) =>
      slow.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, port) => done(port)),
    );
    const call = openCall(`127.0.0.1:${port}`);
    const [headers] = (await once(call, "response")) as [Record<string, string>];
    expect(headers["grpc-status"]).toBe("4");
    expect(metrics.atWork.calls).toBe(0);
    expect(metrics.text([])).toContain('status="DEADLINE_EXCEEDED"} 1');
  });
});
