import { trust } from "../stand-ins/platform/own-roots.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openPersonalStore } from "../../adapters/personal/choose.ts";
import { accountEmail, PERSONALIZE } from "../../contracts/google-names.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { smallSnapshot } from "../night/shop.ts";
import { publishPersonal } from "../personalizer/shop.ts";
import { started } from "../personalizer/served.ts";
import { publishSnapshot, SOME_FACTORS } from "../published.ts";
import {
  ask,
  closing,
  failing,
  metric,
  MODEL,
  popularInTime,
  soon,
  standIn,
} from "../recommender/personal/service.ts";
import { listOf } from "../stand-in-personalizer.ts";
import { datastoreEmulator } from "../stand-ins/datastore/datastore.ts";
import { onLogLine } from "./function-log.ts";
import { startFunctionShop, type FunctionShop } from "./function-shop.ts";

const OWN = ["toys-0011", "toys-0012"];
function hang(): Promise<object> {
  return new Promise(() => {});
}

/** A user of no other test: lists and claims of theirs are not there. */
let users = 0;
const nextUser = () => `user-of-test-${users++}`;

describe.skipIf(!datastoreEmulator())("personal lists on Google Cloud", () => {
  let shop: FunctionShop;
  /** The function's lines. */
  let log: Record<string, unknown>[] = [];

  beforeAll(async () => {
    // One call an attempt of the queue, and a breaker that no test waits for.
    shop = await startFunctionShop("personal", "toys", { "personal.retries": 0, "personal.breakMs": 100 });
    trust(shop.front.certificate);
    await publishSnapshot(shop.objects, MODEL, smallSnapshot(20, "toys"), "toys", SOME_FACTORS);
    onLogLine((line) => log.push(line));
  });
  afterEach(async () => {
    shop.cloud.faults.clear();
    shop.cloud.tasks.drop();
    shop.cloud.tasks.resume();
    log = [];
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await shop.close();
  });

  const recommender = async (change: Partial<Settings> = {}) => {
    const patient = { "personal.cacheMs": 5_000 };
    const settings = { ...shop.settings, ...patient, ...change };
    return closing(await serve({ settings, objects: shop.objects }));
  };
  const personalizer = async (...args: Parameters<typeof standIn>) => {
    const server = await standIn(...args);
    shop.serveFrom(server.address);
    return server;
  };
  const comes = (server: Server, user: string) =>
    soon(async () => (await ask(server, user)).answer.source).toBe("personal");
  const outcomes = () => log.filter(({ event }) => event === "personal list").map(({ outcome }) => outcome);

  it("come from a real Personalizer behind TLS, to whom the function shows who it is", async () => {
    await publishPersonal(shop.objects, "2026-11-22.1", "knots");
    const real = await started(shop.objects, { ...shop.settings, shop: "knots", "personalizer.port": 0 });
    shop.serveFrom(real.address);
    const { front, functionsUrl } = shop;
    // A first call looks for its identity, and connects.
    const patient = { "personal.callMs": 30_000, "personal.auth": "google" };
    const own = { shop: "knots", functionsUrl, "personal.address": front.address, ...patient };
    const path = "gs://steamer-pointer/shops/knots/settings.json";
    await shop.cloud.files.write(path, JSON.stringify(own));
    const server = await recommender({ shop: "knots" });
    expect((await ask(server, "user-1")).answer.source).toBe("popular");
    await comes(server, "user-1");
    expect((await ask(server, "user-1")).answer).toMatchObject({
      model: "2026-11-22.1",
      results: [{ because: [{}, {}, {}] }, {}, {}],
    });
    expect(shop.front.refused).toEqual([]);
  });

  it("are computed once, however many ask at once, of two instances", async () => {
    const { calls } = await personalizer(() => listOf(OWN, MODEL));
    const servers = [await recommender(), await recommender()];
    const user = nextUser();
    const before = shop.cloud.calls("Tasks.CreateTask");
    const asked = Array.from({ length: 100 }, (_, k) => ask(servers[k % 2], user));
    for (const { answer } of await Promise.all(asked)) expect(answer.results).toHaveLength(3);
    for (const server of servers) await comes(server, user);
    expect(calls).toHaveLength(1);
    expect(shop.cloud.calls("Tasks.CreateTask") - before).toBe(1);
  });

  it("may be waited for, as long as the settings say", async () => {
    await personalizer(() => listOf(OWN, MODEL));
    const server = await recommender({ "personal.waitMs": 10_000 });
    expect((await ask(server, nextUser())).answer).toMatchObject({
      source: "personal",
      results: [{ item: OWN[0] }, {}, {}],
    });
  });

  it("are not asked for again for a user whom the model does not know", async () => {
    const { calls } = await personalizer(() => "FAILED_PRECONDITION");
    const server = await recommender({ "personal.waitMs": 10_000 });
    const user = nextUser();
    for (let k = 0; k < 3; k++) expect((await ask(server, user)).answer.source).toBe("popular");
    expect(calls).toHaveLength(1);
    expect(outcomes()).toEqual(["no list"]);
  });

  it("carry the trace of the request to the function's log and the Personalizer", async () => {
    const { calls } = await personalizer(() => listOf(OWN, MODEL));
    const server = await recommender({ "personal.waitMs": 10_000 });
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const user = nextUser();
    await ask(server, user, "n=3", { traceparent: `00-${trace}-b7ad6b7169203331-01` });
    expect(calls[0].metadata.get("traceparent")).toEqual([
      expect.stringMatching(`^00-${trace}-[\\da-f]{16}-01$`),
    ]);
    expect(log.find(({ event }) => event === "personal list")).toMatchObject({
      "logging.googleapis.com/trace": `projects/${shop.cloud.project}/traces/${trace}`,
      severity: "INFO",
      outcome: "stored",
      calls: ["OK"],
    });
    expect(JSON.stringify(log)).not.toContain(user);
  });

  describe("while the Personalizer fails", () => {
    it("wait in the queue, which tries again, until it is back", async () => {
      const { close, port } = await personalizer(() => listOf(OWN, MODEL));
      close();
      const server = await recommender();
      const user = nextUser();
      await popularInTime(server, user);
      await soon(() => outcomes()).toContain("failed");
      expect(log.find(({ event }) => event === "personal list")).toMatchObject({
        severity: "WARNING",
        calls: ["UNAVAILABLE"],
      });
      expect(shop.cloud.tasks.list()).toHaveLength(1);
      closing(await standIn(() => listOf(OWN, MODEL), port));
      shop.cloud.advance(60);
      await comes(server, user);
    });

    it.each([
      ["hangs", hang, "DEADLINE_EXCEEDED", true],
      ["has too much to do", () => "RESOURCE_EXHAUSTED" as const, "RESOURCE_EXHAUSTED", true],
      ["answers what breaks the contract", () => listOf(["a", "a"], MODEL), "GARBAGE", false],
    ])("and %s, customers get popular items in time", async (_, answer, status, comesAgain) => {
      await personalizer(answer);
      const server = await recommender();
      const user = nextUser();
      await popularInTime(server, user);
      // The breaker may be open from the test before.
      await soon(() => log.flatMap(({ calls = [] }) => calls as string[])).toContain(status);
      await soon(() => shop.cloud.tasks.list().length).toBe(comesAgain ? 1 : 0);
      // Whoever asks meanwhile makes no other task; when it is given up, they do.
      await popularInTime(server, user);
      await personalizer(() => listOf(OWN, MODEL));
      shop.cloud.advance(60);
      await comes(server, user);
    });

    it("and lets nobody in, tasks are given up, and the log is an error", async () => {
      await personalizer(() => "PERMISSION_DENIED");
      const server = await recommender();
      await popularInTime(server, nextUser());
      await soon(() => log.filter(({ severity }) => severity === "ERROR")).toMatchObject([
        { event: "personal list", outcome: "failed", status: "PERMISSION_DENIED" },
      ]);
      await soon(() => shop.cloud.tasks.list()).toEqual([]);
    });
  });

  it("are not asked for while the queue is away; customers get popular items in time", async () => {
    await personalizer(() => listOf(OWN, MODEL));
    const server = await recommender();
    const error = { code: "UNAVAILABLE" } as const;
    const away = shop.cloud.faults.add({ call: "Tasks.CreateTask", error, times: 1000 });
    const user = nextUser();
    await popularInTime(server, user);
    await soon(() => failing(server)).toContain("the queue of personal lists");
    expect(await metric(server, "tasks_total", '"lost"')).toBe(1);
    away.release();
    await comes(server, user);
    expect(await failing(server)).toEqual([]);
  });

  it("are not asked for while Datastore is away; customers get popular items in time", async () => {
    await personalizer(() => listOf(OWN, MODEL));
    const server = await recommender({ "personal.cacheMs": 100 });
    const error = { code: "UNAVAILABLE" } as const;
    const calls = ["Lookup", "Commit", "BeginTransaction"].map((call) => `Datastore.${call}`);
    const away = calls.map((call) => shop.cloud.faults.add({ call, error, times: 1000 }));
    const user = nextUser();
    await popularInTime(server, user);
    await soon(() => failing(server)).toContain("personal lists");
    for (const each of away) each.release();
    await comes(server, user);
  });

  it("are not asked for when too many wait", async () => {
    await personalizer(() => listOf(OWN, MODEL));
    shop.cloud.tasks.pause();
    const server = await recommender({ "personal.queued": 2 });
    // From then on it knows how many there are.
    const metrics = async () => (await fetch(`${server.opsUrl}/metrics`)).text();
    await soon(metrics).toMatch(/^steamer_personal_queue_tasks \d/m);
    for (let k = 0; k < 4; k++) await popularInTime(server, nextUser());
    await soon(() => metric(server, "tasks_total", '"dropped"')).toBe(2);
    expect(shop.cloud.tasks.list()).toHaveLength(2);
  });

  it("are not stored for a user who was forgotten while the task waited", async () => {
    const { calls } = await personalizer(() => listOf(OWN, MODEL));
    shop.cloud.tasks.pause();
    const server = await recommender();
    const user = nextUser();
    await ask(server, user);
    await soon(() => shop.cloud.tasks.list().length).toBe(1);
    const store = closing(await openPersonalStore(shop.settings, () => {}));
    await store.lists.forget("toys", user);
    shop.cloud.tasks.resume();
    await soon(() => outcomes()).toEqual(["superseded"]);
    expect(calls).toEqual([]);
    expect(await store.lists.listsOf("toys", user, Date.now())).toEqual([]);
  });

  describe("the function", () => {
    const task = { shop: "toys", model: MODEL, scope: "", user: "ann", id: "1", history: [] };
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    const post = async (body: object, account: "personal-tasks" | "tasks" | null) => {
      const url = `${shop.functionsUrl}/${PERSONALIZE}`;
      const email = account && accountEmail(account, shop.cloud.project);
      const token = email ? await shop.cloud.identity.token({ audience: url, email }) : "";
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
    };

    it("is called by the queue alone", async () => {
      expect(await post({ ...task, traceparent }, null)).toBe(401);
      expect(await post({ ...task, traceparent }, "tasks")).toBe(403);
      expect(await post({ ...task, traceparent }, "personal-tasks")).toBe(200);
    });

    it.each([
      { shop: "../other" },
      { user: "" },
      { history: [{ item: "a", event: "seen" }] },
      { traceparent: "x" },
      { colour: "red" },
    ])("takes nothing but tasks: %j", async (change) => {
      expect(await post({ ...task, traceparent, ...change }, "personal-tasks")).toBe(400);
    });
  });
});
