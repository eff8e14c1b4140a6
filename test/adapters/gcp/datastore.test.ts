import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { itemOf, openDatastore } from "../../../adapters/gcp/datastore.ts";
import type { ItemStore } from "../../../night/state/item-store.ts";
import { settingsWith } from "../../night/shop.ts";
import { Faults } from "../../stand-ins/platform/faults.ts";
import { startGrpc, type GrpcServer, type Message } from "../../stand-ins/platform/grpc.ts";

const text = (stringValue: string) => ({ stringValue });
const list = (values: Message[]) => ({ arrayValue: { values } });

/** An entity as Datastore sends it. */
function entity(key: Message) {
  const [item] = key.path[0].name.split(":");
  const items = item === "alone" ? [] : [text(`near ${item}`)];
  const scores = item === "alone" ? [] : [{ doubleValue: 0.5 }];
  const lists = { items: list(items), scores: list(item === "damaged" ? [] : scores) };
  const together = { togetherItems: list([text("with it")]), togetherScores: list([{ integerValue: 1 }]) };
  const catalogue = { name: text("A name"), category: { nullValue: 0 }, price: { integerValue: 55 } };
  const available = { available: { booleanValue: true }, users: { integerValue: 7 } };
  return { entity: { key, properties: { ...lists, ...together, ...catalogue, ...available } } };
}

/** What no emulator does: it defers keys, and sends what it has in another order. */
function lookup({ keys }: Message) {
  const isThere = (key: Message) => !key.path[0].name.startsWith("missing");
  const now = keys.length > 2 ? keys.slice(0, 2) : keys;
  return { found: now.filter(isThere).map(entity).reverse(), missing: [], deferred: keys.slice(now.length) };
}

describe("models in Datastore", () => {
  const faults = new Faults();
  let server: GrpcServer;
  let store: ItemStore;

  beforeAll(async () => {
    vi.stubEnv("METADATA_SERVER_DETECTION", "none");
    const service = { client: "datastore-api", name: "google.datastore.v1.Datastore", called: "Datastore" };
    server = await startGrpc(faults, [{ ...service, methods: { Lookup: lookup } }]);
    const place = settingsWith({ project: "steamer-test", endpoints: { datastore: server.address } });
    store = await openDatastore(place, "toys");
  });
  afterAll(() => {
    server.close();
    vi.unstubAllEnvs();
  });

  it("are found by key, in whatever order and however many answers they come", async () => {
    const items = ["a", "missing", "b", "alone", "c"];
    const found = await store.itemsOf("2026-11-21.1", items, 2000);
    const together = { items: ["with it"], scores: [1] };
    const rest = { name: "A name", category: null, price: 55, link: null, image: null, available: true };
    const near = (items: string[], scores: number[]) => ({
      lists: { similar: { items, scores }, together },
      ...rest,
    });
    expect([...found]).toEqual([
      ["a", near(["near a"], [0.5])],
      ["b", near(["near b"], [0.5])],
      ["alone", near([], [])],
      ["c", near(["near c"], [0.5])],
    ]);
  });

  it("have no neighbours in a table that was registered after them", () => {
    const older = { items: ["b"], scores: [0.5], name: null, category: null, price: null, available: true };
    expect(itemOf("a", older).lists).toEqual({
      similar: { items: ["b"], scores: [0.5] },
      together: { items: [], scores: [] },
    });
    expect(() => itemOf("a", { ...older, togetherItems: ["b"] })).toThrow("is not what");
  });

  it("are not waited for beyond the deadline", async () => {
    const held = faults.add({ call: "Datastore.Lookup", hold: true });
    await expect(store.itemsOf("2026-11-21.1", ["a"], 50)).rejects.toThrow(/within 50 ms|DEADLINE/);
    held.release();
  });

  it("are refused when an entity is not what the contract says", async () => {
    const damaged = store.itemsOf("2026-11-21.1", ["damaged"], 2000);
    await expect(damaged).rejects.toThrow('the entity of "damaged" is not what contracts/datastore.ts says');
  });

  it("name the role that is missing when they may not be read", async () => {
    faults.add({ call: "Datastore.Lookup", error: { code: "PERMISSION_DENIED", message: "no" } });
    await expect(store.popularOf("2026-11-21.1")).rejects.toThrow("roles/datastore.viewer");
  });
});
