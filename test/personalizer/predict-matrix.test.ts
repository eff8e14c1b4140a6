import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { personalizerDefinition } from "../../adapters/grpc/personalizer.ts";
import type { Pair } from "../../contracts/personalizer.ts";
import { rowOf } from "../../core/factors/factor-rows.ts";
import { readFactors } from "../../night/state/factors.ts";
import { writeUntilFull } from "../grpc-flood.ts";
import { memoryObjects } from "../night/shop.ts";
import { clientTo, predictions, started } from "./served.ts";
import { ITEMS, publishPersonal, USERS } from "./shop.ts";

const objects = memoryObjects();
await publishPersonal(objects, "2026-11-20.1");
const server = await started(objects);
const { predict, recommend } = clientTo(server);
const pair = (user: string, item: string): Pair => ({ shop: "toys", user, item });

describe("a stream of predictions", () => {
  it("answers each pair in its order with the product of its factors", async () => {
    const pairs = USERS.flatMap((user) => ITEMS.map((item) => pair(user, item)));
    const { items, users } = (await readFactors(objects, "toys", "2026-11-20.1", ITEMS.length))!;
    const found = await predictions(predict(), pairs);
    expect(found.map(({ user, item }) => ({ shop: "toys", user, item }))).toEqual(pairs);
    for (const { user, item, score } of found) {
      const x = rowOf(users.factors, users.find(user));
      const y = items.factorsOf(ITEMS.indexOf(item));
      expect(score).toBeCloseTo(
        x.reduce((sum, value, k) => sum + value * y[k], 0),
        5,
      );
    }
  });

  it("has no score for a user or an item that the model does not know", async () => {
    const [a, b] = await predictions(predict(), [pair("somebody", ITEMS[0]), pair(USERS[0], "none")]);
    expect(a).not.toHaveProperty("score");
    expect(b).not.toHaveProperty("score");
  });

  it("ends at a pair that does not fit, after the answers to those before it, and says why", async () => {
    const stream = predict();
    const found: unknown[] = [];
    stream.on("data", (prediction) => found.push(prediction));
    for (const user of [USERS[0], USERS[1], "", USERS[2]]) stream.write(pair(user, ITEMS[0]));
    const error = await new Promise((done) => stream.on("error", done));
    expect(error).toMatchObject({ code: 3, details: "user has 0 bytes; ids have 1 to 256" });
    expect(found.length).toBe(2);
    const other = predict();
    other.write({ shop: "none", user: "a", item: "b" });
    expect(await new Promise((done) => other.on("error", done))).toMatchObject({ code: 5 });
  });

  it("reads no further than its client reads the answers", async () => {
    const { written, read } = await writeUntilFull(
      server.address,
      personalizerDefinition.PredictMatrix,
      pair("u".repeat(256), ITEMS[0]),
    );
    expect(written).toBeLessThan(50_000);
    expect(read).toBe(written);
  });

  it("goes on with the model that it began with when another is published", async () => {
    const stream = predict();
    const answers = stream[Symbol.asyncIterator]();
    stream.write(pair(USERS[0], ITEMS[0]));
    const before: unknown = (await answers.next()).value;
    await publishPersonal(objects, "2026-11-21.1");
    await server.refresh();
    expect((await recommend({ user: USERS[0] })).model).toBe("2026-11-21.1");
    stream.write(pair(USERS[0], ITEMS[0]));
    expect((await answers.next()).value).toEqual(before);
    stream.end();
    expect((await answers.next()).done).toBe(true);
  });

  it("gives its place up when its client, which has read nothing, goes away", async () => {
    const stream = predict();
    stream.on("error", () => {});
    for (let k = 0; k < 5000; k++) stream.write(pair(USERS[0], ITEMS[0]));
    await setTimeout(50);
    stream.cancel();
    await expect.poll(() => server.atWork().streams).toBe(0);
  });
});
