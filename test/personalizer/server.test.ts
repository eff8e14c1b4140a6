import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { LIVENESS } from "../../contracts/health.ts";
import { PERSONALIZER } from "../../contracts/personalizer.ts";
import { memoryObjects, settingsWith } from "../night/shop.ts";
import { publishSnapshot } from "../published.ts";
import { servePersonalizer } from "../../personalizer/server.ts";
import { clientTo, predictions, started } from "./served.ts";
import { ITEMS, madeModel, publishPersonal, USERS } from "./shop.ts";

const [FIRST, SECOND] = ["2026-11-20.1", "2026-11-21.1"];

describe("without a model with factors", () => {
  it("says what to do, and is not serving; it serves as soon as there is one", async () => {
    const objects = memoryObjects();
    const server = await started(objects);
    const { recommend, popular, health, watch } = clientTo(server);
    const watched = watch(PERSONALIZER)[Symbol.asyncIterator]();
    expect((await watched.next()).value).toEqual({ status: "NOT_SERVING" });
    for (const service of ["", PERSONALIZER]) expect(await health(service)).toBe("NOT_SERVING");
    // A probe must not end the process for that.
    expect(await health(LIVENESS)).toBe("SERVING");
    const unavailable = { code: 14, details: expect.stringContaining("als.factors above 0") };
    await expect(recommend({ user: "user-4" })).rejects.toMatchObject(unavailable);
    await expect(popular({})).rejects.toMatchObject(unavailable);

    const { snapshot } = await madeModel();
    await publishSnapshot(objects, FIRST, snapshot);
    const { problems } = await server.refresh();
    expect((problems[0] as Error).message).toContain("it was made without factors");
    await expect(recommend({ user: "user-4" })).rejects.toMatchObject(unavailable);

    await publishPersonal(objects, SECOND);
    await server.refresh();
    expect((await recommend({ user: "user-4" })).model).toBe(SECOND);
    expect((await watched.next()).value).toEqual({ status: "SERVING" });
    for (const service of ["", PERSONALIZER]) expect(await health(service)).toBe("SERVING");
    await expect(health("none")).rejects.toMatchObject({ code: 5 });
  });

  it("stays on the model before", async () => {
    const objects = memoryObjects();
    await publishPersonal(objects, FIRST);
    const server = await started(objects);
    const { snapshot } = await madeModel();
    await publishSnapshot(objects, SECOND, snapshot);
    expect((await server.refresh()).problems.length).toBe(1);
    expect((await clientTo(server).recommend({ user: "user-4" })).model).toBe(FIRST);
  });
});

it("a swap of models fails no call", async () => {
  const objects = memoryObjects();
  await publishPersonal(objects, FIRST);
  const server = await started(objects);
  const { recommend } = clientTo(server);
  const models = new Set<string>();
  let isOver = false;
  const ask = async () => {
    while (!isOver) models.add((await recommend({ user: "user-4", n: 3 })).model);
  };
  const asking = Promise.all([ask(), ask(), ask()]);
  for (const model of [FIRST, "2026-11-21.1", "2026-11-22.1", "2026-11-23.1"]) {
    if (model !== FIRST) await publishPersonal(objects, model);
    await server.refresh();
    await expect.poll(() => models.has(model)).toBe(true);
  }
  isOver = true;
  await asking;
  expect(models.size).toBe(4);
});

describe("several shops", () => {
  it("are answered each from its own model", async () => {
    const objects = memoryObjects();
    await publishPersonal(objects, FIRST, "toys");
    await publishPersonal(objects, SECOND, "books");
    const server = await started(objects, { shops: ["toys", "books", "none"] });
    const { recommend, health, predict } = clientTo(server);
    expect((await recommend({ shop: "toys", user: "user-4" })).model).toBe(FIRST);
    expect((await recommend({ shop: "books", user: "user-4" })).model).toBe(SECOND);
    await expect(recommend({ shop: "none", user: "user-4" })).rejects.toMatchObject({ code: 14 });
    await expect(recommend({ shop: "shop", user: "user-4" })).rejects.toMatchObject({ code: 5 });
    expect(await health()).toBe("SERVING");
    const pairs = ["toys", "books"].map((shop) => ({ shop, user: USERS[0], item: ITEMS[0] }));
    const [a, b] = await predictions(predict(), pairs);
    expect(a.score).toBe(b.score);
  });
});

describe("shutting down", () => {
  it("tells watches that it serves no more, lets calls end, and cuts a watch off", async () => {
    const objects = memoryObjects();
    await publishPersonal(objects, FIRST);
    const server = await started(objects);
    const { watch, predict } = clientTo(server);
    const watching = watch();
    watching.on("error", () => {});
    const watched = watching[Symbol.asyncIterator]();
    expect((await watched.next()).value).toEqual({ status: "SERVING" });
    const stream = predict();
    const answers = stream[Symbol.asyncIterator]();
    stream.write({ shop: "toys", user: USERS[0], item: ITEMS[0] });
    await answers.next();
    const closed = server.close(200);
    expect((await watched.next()).value).toEqual({ status: "NOT_SERVING" });
    stream.write({ shop: "toys", user: USERS[1], item: ITEMS[0] });
    expect((await answers.next()).value).toMatchObject({ user: USERS[1] });
    stream.end();
    expect((await answers.next()).done).toBe(true);
    await expect(watched.next()).rejects.toMatchObject({ code: 1 });
    await closed;
  });
});

it("a port that is taken is a problem", async () => {
  const objects = memoryObjects();
  const { address } = await started(objects);
  const settings = settingsWith({ "personalizer.port": Number(address.split(":")[1]) });
  await expect(servePersonalizer({ settings, objects })).rejects.toThrow(
    /Listening on .*\n.*--personalizer.port/s,
  );
});

describe("the operator's listener", () => {
  it("counts calls by method and status, and shows the age of the model", async () => {
    const objects = memoryObjects();
    await publishPersonal(objects, FIRST);
    const server = await started(objects, { "personalizer.opsPort": 0 });
    const { recommend } = clientTo(server);
    await recommend({ user: "user-4" });
    await recommend({ user: "" }).catch(() => {});
    const text = await (await fetch(`${server.opsUrl}/metrics`)).text();
    const method = `${PERSONALIZER}/GetUserRecommendations`;
    expect(text).toContain(`steamer_calls_total{method="${method}",status="OK"} 1`);
    expect(text).toContain(`steamer_calls_total{method="${method}",status="INVALID_ARGUMENT"} 1`);
    expect(text).toContain(`steamer_call_duration_seconds_count{route="${method}"} 2`);
    expect(text).toMatch(/steamer_model_age_seconds\{shop="toys",model="2026-11-20.1"\} \d/);
    expect(text).toContain('steamer_at_work{kind="calls"} 0');
    expect((await fetch(server.opsUrl!)).status).toBe(404);
  });
});

describe("reflection", () => {
  it("lets buf curl use the service without its proto, and the health service", async () => {
    const objects = memoryObjects();
    await publishPersonal(objects, FIRST);
    const { address } = await started(objects);
    const curl = async (path: string, ...args: string[]) => {
      const options = ["curl", "--protocol", "grpc", "--http2-prior-knowledge", ...args];
      return (await promisify(execFile)("node_modules/.bin/buf", [...options, `http://${address}${path}`]))
        .stdout;
    };
    expect(await curl("", "--list-methods")).toContain(`${PERSONALIZER}/PredictMatrix`);
    const request = JSON.stringify({ shop: "toys", user: "user-4", n: 1 });
    expect(JSON.parse(await curl(`/${PERSONALIZER}/GetUserRecommendations`, "-d", request))).toMatchObject({
      model: FIRST,
      results: [{ score: expect.any(Number) }],
    });
    const listed = await curl("/grpc.health.v1.Health/List", "-d", "{}");
    expect(JSON.parse(listed)).toMatchObject({ statuses: { [PERSONALIZER]: { status: "SERVING" } } });
  });
});
