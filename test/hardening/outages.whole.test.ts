import { createHash } from "node:crypto";
import { Writable } from "node:stream";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openObjects } from "../../adapters/storage/choose.ts";
import { createClient } from "../../client.ts";
import type { RecommendationAnswer } from "../../contracts/http/recommendation.ts";
import { neighbours } from "../../core/library.ts";
import type { Objects } from "../../night/state/objects.ts";
import { changeKeys } from "../../night/state/key-list.ts";
import { publishModel } from "../../night/state/pointer.ts";
import { takeDown } from "../../night/state/block-list.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { entitiesOf, writeEntities } from "../datastore-entities.ts";
import { memoryObjects, settingsWith } from "../night/shop.ts";
import { publishSnapshot } from "../published.ts";
import { Children } from "../stand-ins/platform/child.ts";
import { datastoreEmulator, startDatastore } from "../stand-ins/datastore/datastore.ts";
import { Faults } from "../stand-ins/platform/faults.ts";
import { startStorage } from "../stand-ins/storage/storage.ts";
import { temporaryFolder } from "../temporary.ts";
import { HOSTILE_IDS } from "./shop.ts";

const MODEL = "2026-11-20.1";
const LATER = 15_000;
const read = async (url: string) => (await fetch(url)).json() as Promise<Record<string, unknown>>;
const metrics = async ({ opsUrl }: Server) => (await fetch(`${opsUrl}/metrics`)).text();
const itemsShown = async ({ url }: Server, headers = {}) => {
  const answer = await fetch(`${url}/make_recommendation?n=100`, { headers });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as RecommendationAnswer).results.map(({ item }) => item);
};

/** Each test ends its own faults; after all of them nothing runs on. */
function endAfterwards(faults: Faults, children: Children, server: () => Server): void {
  afterEach(() => faults.clear());
  afterAll(async () => {
    await server().close();
    await children.close();
    vi.unstubAllEnvs();
  });
}

/** What a recommender logs. */
function logOf() {
  let text = "";
  const stream = new Writable({ write: (chunk, _, done) => ((text += String(chunk)), done()) });
  return { logger: pino({ level: "info" }, stream), text: () => text };
}

describe("while a new model does not come from storage", () => {
  it("an item is taken down, and a key is revoked, all the same", async () => {
    const stored = memoryObjects();
    let isSlow = false;
    const objects: Objects = {
      ...stored,
      get: (path) => (isSlow && path.endsWith("/snapshot.arrow") ? new Promise(() => {}) : stored.get(path)),
    };
    await publishSnapshot(objects, MODEL);
    const since = "2026-11-20T00:00:00Z";
    const hashed = (key: string) => createHash("sha256").update(key).digest("hex");
    const both = { shop: { sha256: hashed("one"), since }, partner: { sha256: hashed("two"), since } };
    await changeKeys(objects, "toys", () => both);
    const settings = settingsWith({ port: 0, access: "keys", data: temporaryFolder() });
    const server = await serve({ settings, objects });
    isSlow = true;
    await publishSnapshot(objects, "2026-11-21.1");
    // The recommender looks by itself, and has begun to load.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    await takeDown(objects, { shop: "toys", items: ["item-0000"], reason: "recalled", now: new Date() });
    await changeKeys(objects, "toys", ({ shop }) => ({ shop }));
    const key = { "x-api-key": "one" };
    await expect.poll(() => itemsShown(server, key), { timeout: LATER }).not.toContain("item-0000");
    const status = async () =>
      (await fetch(`${server.url}/popular`, { headers: { "x-api-key": "two" } })).status;
    await expect.poll(status, { timeout: LATER }).toBe(401);
    expect((await read(`${server.url}/readyz`))["model"]).toBe(MODEL);
    await server.close();
  });
});

describe("while Cloud Storage is down", () => {
  const children = new Children();
  const faults = new Faults();
  let server: Server;
  const log = logOf();
  beforeAll(async () => {
    vi.stubEnv("METADATA_SERVER_DETECTION", "none");
    const storage = await startStorage(children, faults, ["shop"]);
    const settings = settingsWith({
      data: "gs://shop",
      project: "steamer-test",
      endpoints: { storage: storage.url },
      port: 0,
      opsPort: 0,
      access: "keys",
    });
    const objects = await openObjects(settings);
    await publishSnapshot(objects, MODEL);
    const sha256 = createHash("sha256").update("one").digest("hex");
    await changeKeys(objects, "toys", () => ({ shop: { sha256, since: "2026-11-20T00:00:00Z" } }));
    server = await serve({ settings, objects, log: log.logger });
  });
  endAfterwards(faults, children, () => server);

  it("it answers from what it has, and readiness, metrics and log say what could not be read", async () => {
    faults.add({ call: "Storage.ReadObject", times: 1e6, error: { code: "UNAVAILABLE" } });
    await server.refresh();
    expect(await itemsShown(server, { "x-api-key": "one" })).toHaveLength(20);
    const failing = ["the block list", "the pushed stock", "the current model", "the keys"];
    expect(await read(`${server.url}/readyz`)).toEqual({ status: "degraded", model: MODEL, failing });
    const text = await metrics(server);
    for (const what of failing) expect(text).toContain(`steamer_failing{shop="toys",what="${what}"} 1`);
    expect(text).toMatch(/steamer_looks_total\{shop="toys",outcome="failed"\} [1-9]/);
    for (const what of failing)
      expect(log.text()).toMatch(new RegExp(`"level":50.*"${what} could not be read`));
    faults.clear();
    await server.refresh();
    expect(await read(`${server.url}/readyz`)).toEqual({ status: "ok", model: MODEL, failing: [] });
  });
});

describe.skipIf(!datastoreEmulator())("with Datastore", () => {
  const children = new Children();
  const faults = new Faults();
  const objects = memoryObjects();
  const log = logOf();
  let server: Server;
  beforeAll(async () => {
    vi.stubEnv("METADATA_SERVER_DETECTION", "none");
    const datastore = await startDatastore(children, faults);
    const endpoints = { datastore: datastore!.address };
    const settings = settingsWith({
      store: "datastore",
      project: "steamer-test",
      endpoints,
      port: 0,
      opsPort: 0,
      data: temporaryFolder(),
    });
    const users = ["u1", "u2"];
    const model = neighbours(
      [...HOSTILE_IDS, "tent"].flatMap((item) => users.map((user) => ({ user, item }))),
      { top: 3 },
    );
    await writeEntities(endpoints.datastore, "toys", entitiesOf(MODEL, model));
    await publishModel(objects, { shop: "toys", model: MODEL, now: new Date() });
    server = await serve({ settings, objects, log: log.logger });
    // The first lookup opens the connection, which may take longer than a lookup may.
    await createClient({ url: server.url }).recommend({ browsed: ["tent"] });
  });
  endAfterwards(faults, children, () => server);

  const failedLookups = async () =>
    Number(/^steamer_store_lookups_total\{.*"failed"\} (\d+)$/m.exec(await metrics(server))![1]);

  it.each([...HOSTILE_IDS, "__missing__", "\ud800", "a\udfff", "\u0000", ".", "x".repeat(256)])(
    "a hostile id is looked up like any other, and fails nobody's lookup: %j",
    async (id) => {
      const client = createClient({ url: server.url });
      const before = await failedLookups();
      const { missingIds } = await client.recommend({ browsed: [id, "tent"], n: 1 });
      expect(missingIds).toEqual(HOSTILE_IDS.includes(id) ? [] : [id]);
      expect(await failedLookups()).toBe(before);
    },
  );

  it("down it answers with popular items, says that neighbours are out of reach, and that lookups fail", async () => {
    faults.add({ call: "Datastore.Lookup", times: 1e6, error: { code: "UNAVAILABLE" } });
    const client = createClient({ url: server.url });
    const { results, missingIds } = await client.recommend({ browsed: ["not-looked-up-before"], n: 5 });
    expect(results.map(({ source }) => source)).toEqual(Array(5).fill("popular"));
    // Nobody can say that it is missing.
    expect(missingIds).toEqual([]);
    await expect(client.neighbours("not-looked-up-before")).rejects.toMatchObject({
      problem: { status: 503, detail: expect.stringContaining("try again") },
    });
    expect((await client.popular({ n: 3 })).results).toHaveLength(3);
    await server.refresh();
    expect(await read(`${server.url}/readyz`)).toMatchObject({ status: "degraded", failing: ["lookups"] });
    expect(await metrics(server)).toMatch(
      /steamer_store_lookups_total\{shop="toys",outcome="failed"\} [1-9]/,
    );
    expect(log.text()).toContain("lookups in Datastore failed");
    expect(log.text()).not.toContain("not-looked-up-before");
    faults.clear();
    await server.refresh();
    expect(await read(`${server.url}/readyz`)).toMatchObject({ status: "ok", failing: [] });
    expect((await client.recommend({ browsed: ["not-looked-up-before"] })).missingIds).toHaveLength(1);
  });
});
