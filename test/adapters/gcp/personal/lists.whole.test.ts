import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { datastore } from "../../../../adapters/gcp/clients.ts";
import { openDatastoreLists } from "../../../../adapters/gcp/personal/lists.ts";
import { openDatastoreWriter } from "../../../../adapters/gcp/personal/writer.ts";
import { LISTS } from "../../../../contracts/datastore.ts";
import { LISTS_DATABASE } from "../../../../contracts/google-names.ts";
import type { ListKey, PersonalList } from "../../../../day/personal-lists.ts";
import { personalListsSuite } from "../../../day/personal-lists.suite.ts";
import { startCloud, type Cloud } from "../../../stand-ins/cloud.ts";
import { datastoreEmulator } from "../../../stand-ins/datastore/datastore.ts";

const NOW = 1_700_000_000_000;
const list: PersonalList = { model: "2026-11-20.1", from: "model", results: [] };
let cloud: Cloud;
type Lists = Awaited<ReturnType<typeof openDatastoreLists>>;

describe.skipIf(!datastoreEmulator())("lists in Datastore", () => {
  let both: [Lists, Lists];
  const errors: unknown[] = [];
  const open = (cacheMs = 10_000) =>
    // A hundred at once wait for each other's locks.
    openDatastoreLists(cloud, { cacheMs, patientMs: 60_000, failed: (error) => errors.push(error) });

  beforeAll(async () => {
    cloud = await startCloud({ services: ["datastore"] });
    both = [await open(), await open()];
  });
  afterEach(async () => {
    cloud.faults.clear();
    await cloud.resetDatastore();
    errors.length = 0;
  });
  afterAll(() => cloud.close());

  personalListsSuite(() => ({ instances: both, now: NOW }));

  const key = (user: string): ListKey => ({ shop: "toys", model: "2026-11-20.1", scope: "", user });

  it("lie in a database of their own", async () => {
    await both[0].claim(key("ann"), "A", NOW, NOW + 1_000);
    await both[0].put(key("ann"), "A", list, NOW + 1_000);
    await both[0].claim(key("bob"), "A", NOW, NOW + 1_000);
    const count = async (databaseId?: string) => {
      const client = await datastore(cloud, databaseId ? { databaseId } : {});
      const kinds = Object.values(LISTS).map((kind) => client.runQuery(client.createQuery("toys", kind)));
      return (await Promise.all(kinds)).map(([found]) => found.length);
    };
    expect([await count(LISTS_DATABASE), await count()]).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  it("are written and deleted many at once by a night", async () => {
    const writer = await openDatastoreWriter(cloud);
    const keys = Array.from({ length: 600 }, (_, k) => key(`user-${k}`));
    for (const some of [keys.slice(0, 300), keys.slice(300)])
      await writer.putAll(
        some.map((key) => ({ key, list })),
        NOW + 1_000,
      );
    expect(await both[0].get(keys[599], NOW)).toEqual(list);
    await writer.deleteAll(keys.slice(1));
    expect(await both[0].get(keys[0], NOW)).toEqual(list);
    for (const each of [1, 499, 500, 501, 599]) expect(await both[0].get(keys[each], NOW)).toBeNull();
  });

  it("are taken over by one instance when a claim has expired", async () => {
    await both[0].claim(key("ann"), "dead", NOW, NOW + 100);
    const claims = Array.from({ length: 6 }, (_, k) =>
      both[k % 2].claim(key("ann"), `${k}`, NOW + 100, NOW + 9_000),
    );
    const settled = await Promise.allSettled(claims);
    const won = settled.filter((each) => each.status === "fulfilled" && each.value);
    expect(won.length).toBeLessThanOrEqual(1);
    // Who disturbed each other come again.
    const later = await both[0].claim(key("ann"), "later", NOW + 100, NOW + 9_000);
    expect(won.length + (later ? 1 : 0)).toBe(1);
  });

  it("are not waited for beyond the deadline, and left alone after failures in a row, which are told once", async () => {
    const [lists] = [await open(50)];
    const held = cloud.faults.add({ call: "Datastore.Lookup", hold: true, times: 100 });
    for (let k = 0; k < 5; k++)
      await expect(lists.get(key("ann"), NOW)).rejects.toThrow(/within 50 ms|DEADLINE/);
    expect(lists.isFailing()).toBe(true);
    const before = cloud.calls("Datastore.Lookup");
    await expect(lists.get(key("ann"), NOW)).rejects.toThrow("left alone");
    expect(cloud.calls("Datastore.Lookup")).toBe(before);
    expect(errors).toHaveLength(1);
    // A claim has more patience than a request.
    expect(await lists.claim(key("ann"), "A", NOW, NOW + 1_000)).toBe(true);
    held.release();
    await expect.poll(() => lists.get(key("ann"), NOW), { timeout: 15_000 }).toBeNull();
    expect(lists.isFailing()).toBe(false);
  });

  it("are refused when an entity is not what the contract says", async () => {
    const client = await datastore(cloud, { databaseId: LISTS_DATABASE });
    await both[0].claim(key("ann"), "A", NOW, NOW + 1_000);
    await both[0].put(key("ann"), "A", list, NOW + 1_000);
    const [[entity]] = await client.runQuery(client.createQuery("toys", LISTS.list));
    await client.save({ key: entity[client.KEY], data: { list: 7 } });
    await expect(both[0].get(key("ann"), NOW)).rejects.toThrow("an entity of List is not what");
  });
});
