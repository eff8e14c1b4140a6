import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../temporary.ts";
import type { EventsAnswer } from "../../../contracts/http/attribution.ts";
import { takeDown } from "../../../night/state/block-list.ts";
import { fileObjects } from "../../../adapters/storage/files.ts";
import { ask, dataFolder, itemsOf, metric, MODEL, publish, recommender, soon, standIn } from "./service.ts";
import { smallSnapshot } from "../../night/shop.ts";
import { publishSnapshot, SOME_FACTORS } from "../../published.ts";
import { listOf } from "../../stand-in-personalizer.ts";

const OWN = ["toys-0011", "toys-0012", "toys-0013", "toys-0014", "toys-0015"];
const personalizer = (model = MODEL) => standIn(() => listOf(OWN, model));
/** Waits until the user's list is there. */
const stored = (server: Parameters<typeof ask>[0], user: string, query?: string) =>
  soon(async () => (await ask(server, user, query)).answer.source).toBe("personal");

describe("without a Personalizer", () => {
  it("users get popular items, or such as are similar to what they did", async () => {
    const server = await recommender(await dataFolder(), {});
    expect((await ask(server, "u1")).answer).toMatchObject({ source: "popular", results: { length: 3 } });
    const { answer } = await ask(server, "u1", "n=3&browsed=toys-0003&purchased=toys-0000");
    expect(answer.source).toBe("similar");
    expect(answer.results[0]).toMatchObject({
      source: "model",
      because: [{ event: "purchase" }, { event: "view_item" }],
    });
    expect(itemsOf(answer)).not.toContain("toys-0000");
    expect(await (await fetch(`${server.opsUrl}/metrics`)).text()).not.toContain("steamer_personal");
  });
});

describe("of a model without factors", () => {
  it("no list is asked for, until a night has made some", async () => {
    const { address, calls } = await personalizer("2026-11-21.1");
    const data = await dataFolder(MODEL, undefined, null);
    const server = await recommender(data, { "personal.address": address });
    for (let k = 0; k < 3; k++) expect((await ask(server, "u1")).answer.source).toBe("popular");
    expect(await metric(server, "lookups_total", '"no factors"')).toBe(3);
    expect(await metric(server, "tasks_total")).toBe(0);
    await publish(data, "2026-11-21.1");
    await server.refresh();
    await stored(server, "u1");
    expect(calls).toHaveLength(1);
  });
});

/** The packages that a process has loaded once its recommender listens. */
function loadedBy(settings: object): string {
  const script = `
    const { createRequire } = await import("node:module");
    const { serve } = await import("./recommender/server.ts");
    const { settingsWith, memoryObjects } = await import("./test/night/shop.ts");
    const server = await serve({ settings: settingsWith(${JSON.stringify(settings)}), objects: memoryObjects() });
    console.log(Object.keys(createRequire(process.cwd() + "/").cache).join());
    await server.close();`;
  return execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
}

it("Nothing of gRPC is loaded where there is no Personalizer", () => {
  const data = temporaryFolder();
  expect(loadedBy({ port: 0, data })).not.toContain("grpc-js");
  // So that the test would see it.
  expect(loadedBy({ port: 0, data, "personal.address": "127.0.0.1:1" })).toContain("grpc-js");
});

describe("in a scope of users", () => {
  const scopes = new Map([["north", { rows: Int32Array.of(7, 0, 3), users: Int32Array.of(9, 5, 5) }]]);

  it("a user gets its popular items at once, then their own list, filled up by these and the shop's", async () => {
    const { address, calls } = await standIn(() => listOf(["toys-0015"], MODEL));
    const data = await dataFolder(MODEL, scopes);
    const server = await recommender(data, { "personal.address": address });
    const first = (await ask(server, "u1", "n=4&scope=north")).answer;
    expect(first.results.map(({ item, score, source }) => [item, score, source])).toEqual([
      ["toys-0007", 9, "popular_in_scope"],
      ["toys-0000", 5, "popular_in_scope"],
      ["toys-0003", 5, "popular_in_scope"],
      ["toys-0001", 10, "popular"],
    ]);
    await stored(server, "u1", "n=4&scope=north");
    expect(calls[0].request).toMatchObject({ scope: "north", user: "u1" });
    const { answer } = await ask(server, "u1", "n=3&scope=north&purchased=toys-0007");
    expect(itemsOf(answer)).toEqual(["toys-0015", "toys-0000", "toys-0003"]);
    expect((await ask(server, "u1", "n=3")).answer.results[0].source).toBe("popular");
  });

  it("what is similar to the visit is among its items alone", async () => {
    const server = await recommender(await dataFolder(MODEL, scopes), {});
    const { answer } = await ask(server, "u1", "n=4&scope=north&browsed=toys-0007");
    expect(answer.source).toBe("similar");
    expect(answer.results.map(({ item, source }) => [item, source])).toEqual([
      ["toys-0000", "model"],
      ["toys-0003", "model"],
      ["toys-0001", "popular"],
      ["toys-0002", "popular"],
    ]);
    const { response } = await ask(server, "u1", "scope=south");
    expect(response.status).toBe(404);
  });
});

describe("a user without a list", () => {
  it("gets popular items at once, and their own with a later request", async () => {
    const { address, calls } = await personalizer();
    const server = await recommender(await dataFolder(), { "personal.address": address });
    const { response, answer } = await ask(server, "u%2F1");
    expect(answer).toMatchObject({ source: "popular", model: MODEL, missingIds: [] });
    expect(itemsOf(answer)).toHaveLength(3);
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(response.headers.get("etag")).toBeNull();
    await stored(server, "u%2F1");
    const { answer: own } = await ask(server, "u%2F1", "n=2");
    expect(own).toMatchObject({ source: "personal", model: MODEL });
    expect(own.results).toEqual([
      { item: OWN[0], score: 1, source: "personal", because: [{ item: "toys-0000" }] },
      { item: OWN[1], score: 0.5, source: "personal", because: [{ item: "toys-0000" }] },
    ]);
    expect(calls.map(({ request }) => request)).toMatchObject([
      { shop: "toys", user: "u/1", n: 40, history: [] },
    ]);
  });

  it("is computed once, however many ask at once, of two instances", async () => {
    const { address, calls } = await personalizer();
    const data = await dataFolder();
    const servers = [
      await recommender(data, { "personal.address": address }),
      await recommender(data, { "personal.address": address }),
    ];
    const asked = Array.from({ length: 100 }, (_, k) => ask(servers[k % 2], "u1"));
    for (const { answer } of await Promise.all(asked)) expect(answer.results).toHaveLength(3);
    for (const server of servers) await stored(server, "u1");
    expect(calls).toHaveLength(1);
    const accepted = await Promise.all(servers.map((each) => metric(each, "tasks_total", '"accepted"')));
    expect(accepted[0] + accepted[1]).toBe(1);
  });

  it("may wait for it, as long as the settings say, also where another instance computes it", async () => {
    const { address, calls } = await personalizer();
    const data = await dataFolder();
    const change = { "personal.address": address, "personal.waitMs": 10_000 };
    const servers = [await recommender(data, change), await recommender(data, change)];
    const answers = await Promise.all(servers.map((server) => ask(server, "u1")));
    expect(answers.map(({ answer }) => answer.source)).toEqual(["personal", "personal"]);
    expect(calls).toHaveLength(1);
  });

  it("whom the model does not know gets popular items, and is not asked for again", async () => {
    const { address, calls } = await standIn(() => "FAILED_PRECONDITION");
    const server = await recommender(await dataFolder(), {
      "personal.address": address,
      "personal.waitMs": 10_000,
    });
    for (let k = 0; k < 3; k++) {
      const { answer } = await ask(server, "new");
      expect([answer.source, answer.results.length]).toEqual(["popular", 3]);
    }
    expect(calls).toHaveLength(1);
    expect(await metric(server, "lookups_total", '"unknown user"')).toBe(2);
    expect(await metric(server, "calls_total", '"FAILED_PRECONDITION"')).toBe(1);
  });

  it("and whom the model does not know is folded in from what they do", async () => {
    const { address, calls } = await standIn(({ request }) =>
      request.history.length > 0 ? listOf(OWN, MODEL) : "FAILED_PRECONDITION",
    );
    const server = await recommender(await dataFolder(), {
      "personal.address": address,
      "personal.waitMs": 10_000,
    });
    expect((await ask(server, "new")).answer.source).toBe("popular");
    expect((await ask(server, "new", "browsed=toys-0001&basket=toys-0002")).answer.source).toBe("personal");
    expect((await ask(server, "new")).answer.source).toBe("personal");
    expect(calls.at(-1)!.request.history).toEqual([
      { item: "toys-0001", event: "VIEW_ITEM", count: 1 },
      { item: "toys-0002", event: "ADD_TO_CART", count: 1 },
    ]);
    expect(calls).toHaveLength(3);
  });

  it("and whom the model does not know gets another list once they have done more", async () => {
    const { address, calls } = await standIn(({ request }) => {
      if (request.history.length === 0) return "FAILED_PRECONDITION";
      return listOf(request.history.length === 1 ? OWN : OWN.toReversed(), MODEL);
    });
    const settings = { "personal.address": address, "personal.waitMs": 10_000 };
    const server = await recommender(await dataFolder(), settings);
    const first = async (query: string) => itemsOf((await ask(server, "new", query)).answer)[0];
    expect(await first("browsed=toys-0001")).toBe(OWN[0]);
    // The old list is there at once, and makes room for the new one.
    expect(await first("browsed=toys-0001,toys-0002")).toBe(OWN[0]);
    await expect.poll(() => first("browsed=toys-0001,toys-0002")).toBe(OWN.at(-1));
    expect(await first("n=3")).toBe(OWN.at(-1));
    // Each list asked twice: first whether the model knows the user.
    expect(calls).toHaveLength(4);
  });
});

describe("a stored list", () => {
  it("leaves out what is bought, in the basket or taken down, and popular items fill the rest", async () => {
    const { address } = await personalizer();
    const data = await dataFolder();
    const server = await recommender(data, { "personal.address": address, "personal.waitMs": 10_000 });
    await ask(server, "u1");
    const down = { shop: "toys", items: [OWN[1]], reason: "recall", now: new Date() };
    await takeDown(fileObjects(data), down);
    await server.refresh();
    const { answer } = await ask(server, "u1", `n=7&purchased=${OWN[0]}&basket=toys-0000,${OWN[4]}`);
    expect(answer.results.map(({ source }) => source)).toEqual([
      ...Array<string>(2).fill("personal"),
      ...Array<string>(5).fill("popular"),
    ]);
    expect(itemsOf(answer).slice(0, 2)).toEqual([OWN[2], OWN[3]]);
    expect(new Set(itemsOf(answer)).size).toBe(7);
    for (const item of [OWN[0], OWN[1], OWN[4], "toys-0000"]) expect(itemsOf(answer)).not.toContain(item);
  });

  it("has one variant of a product, and none of one that was bought in another", async () => {
    const data = temporaryFolder();
    const all = Array.from({ length: 20 }, (_, row) => row);
    const none = all.map(() => null);
    // The list's first two, and its next two.
    const group = Int32Array.from(all, (row) => (row < 11 || row > 14 ? -1 : row < 13 ? 0 : 1));
    const feed = { categories: all.map(() => []), link: none, image: none, group };
    const snapshot = smallSnapshot(20, "toys", undefined, feed);
    await publishSnapshot(fileObjects(data), MODEL, snapshot, "toys", SOME_FACTORS);
    const { address } = await personalizer();
    const server = await recommender(data, { "personal.address": address, "personal.waitMs": 10_000 });
    expect(itemsOf((await ask(server, "u1", "n=3")).answer)).toEqual([OWN[0], OWN[2], OWN[4]]);
    const { answer } = await ask(server, "u1", `n=5&purchased=${OWN[3]}`);
    expect(itemsOf(answer)).toEqual([OWN[0], OWN[4], "toys-0000", "toys-0001", "toys-0002"]);
  });

  it("says of its items what a request asks for, and so does what fills the answer", async () => {
    const data = temporaryFolder();
    const all = Array.from({ length: 20 }, (_, row) => row);
    const link = all.map((row) => `https://shop.example/${row}`);
    const feed = {
      categories: all.map(() => []),
      link,
      image: all.map(() => null),
      group: new Int32Array(20).fill(-1),
    };
    const snapshot = smallSnapshot(20, "toys", undefined, feed);
    await publishSnapshot(fileObjects(data), MODEL, snapshot, "toys", SOME_FACTORS);
    const { address } = await personalizer();
    const server = await recommender(data, { "personal.address": address, "personal.waitMs": 10_000 });
    const { answer } = await ask(server, "u1", "n=6&fields=link,name");
    const said = answer.results.map(({ source, link, name }) => [source, link, name]);
    expect(said[0]).toEqual(["personal", "https://shop.example/11", null]);
    expect(said[5]).toEqual(["popular", "https://shop.example/0", null]);
    expect(answer.results[0]).not.toHaveProperty("image");
    const { response } = await ask(server, "u1", "fields=colour");
    expect(response.status).toBe(400);
  });

  it("has a token: events say that the item was a personal one", async () => {
    const { address } = await personalizer();
    const server = await recommender(await dataFolder(), {
      "personal.address": address,
      "personal.waitMs": 10_000,
    });
    const { answer } = await ask(server, "u1", "n=6");
    const events = [OWN[1], answer.results[5].item].map((item, k) => {
      return { id: `e${k}`, event: "click", item, token: answer.attributionToken };
    });
    const sent = await fetch(`${server.url}/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ events }),
    });
    expect(((await sent.json()) as EventsAnswer).accepted).toBe(2);
    const text = await (await fetch(`${server.opsUrl}/metrics`)).text();
    for (const source of ["personal", "popular"])
      expect(text).toMatch(new RegExp(`steamer_attribution_total.*source="${source}".* 1`));
  });

  it("is for one scope, and one of a scope that nobody knows is a 404", async () => {
    const { address, calls } = await personalizer();
    const server = await recommender(await dataFolder(), {
      "personal.address": address,
      "personal.waitMs": 10_000,
    });
    expect((await ask(server, "u1")).answer.source).toBe("personal");
    const { response } = await ask(server, "u2", "scope=boats&purchased=" + OWN.join());
    expect(response.status).toBe(404);
    expect(calls.map(({ request }) => request.scope)).toEqual(["", "boats"]);
  });

  it("is no longer used when a new model answers", async () => {
    const { address, calls, answer: say } = await personalizer();
    const data = await dataFolder();
    const server = await recommender(data, { "personal.address": address });
    await stored(server, "u1");
    await publish(data, "2026-11-21.1");
    await server.refresh();
    say(() => listOf(["toys-0019"], "2026-11-21.1"));
    expect((await ask(server, "u1")).answer).toMatchObject({ source: "popular", model: "2026-11-21.1" });
    await stored(server, "u1");
    expect((await ask(server, "u1")).answer).toMatchObject({
      model: "2026-11-21.1",
      results: [{ item: "toys-0019" }, {}, {}],
    });
    expect(calls).toHaveLength(2);
  });
});

describe("a bad request", () => {
  it.each([
    [`${"x".repeat(257)}`, "n=3", "user"],
    ["u1", "n=0", "n"],
    ["u1", "scope=", "scope"],
    ["u1", `browsed=${"x".repeat(257)}`, "browsed"],
    ["u1", "sort=up", "sort"],
  ])("is a problem that names the field: %.10s?%.10s", async (user, query, field) => {
    const { response, answer } = await ask(await recommender(await dataFolder(), {}), user, query);
    expect([response.status, (answer as unknown as { field: string }).field]).toEqual([400, field]);
  });
});
