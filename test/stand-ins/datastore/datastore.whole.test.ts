import { Datastore } from "@google-cloud/datastore";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startCloud, type Cloud } from "../cloud.ts";
import { datastoreEmulator } from "./datastore.ts";

describe.skipIf(!datastoreEmulator())("Datastore is the official emulator", () => {
  let cloud: Cloud;
  let datastore: Datastore;
  beforeAll(async () => {
    cloud = await startCloud({ services: ["datastore"] });
    process.env["DATASTORE_EMULATOR_HOST"] = cloud.endpoints.datastore!;
    datastore = new Datastore({ projectId: cloud.project, namespace: "demo" });
  }, 600_000);
  afterEach(() => cloud.faults.clear());
  afterAll(async () => {
    delete process.env["DATASTORE_EMULATOR_HOST"];
    await cloud.close();
  });

  const key = (name: string) => datastore.key(["Neighbours", name]);

  test("An entity comes back as it was saved, in its shop only", async () => {
    await datastore.save({
      key: key("tea:2026-01-01.1"),
      data: { items: ["ink"], scores: [0.5] },
      excludeFromIndexes: ["items[]"],
    });
    expect((await datastore.get(key("tea:2026-01-01.1")))[0]).toMatchObject({
      items: ["ink"],
      scores: [0.5],
    });
    const other = new Datastore({ projectId: cloud.project, namespace: "other" });
    expect((await other.get(other.key(["Neighbours", "tea:2026-01-01.1"])))[0]).toBeUndefined();
  });

  test("More than a thousand keys in one lookup are refused, as in production", async () => {
    const keys = (count: number) => Array.from({ length: count }, (_, k) => key(`item-${k}`));
    expect((await datastore.get(keys(1000)))[0]).toEqual([]);
    await expect(datastore.get(keys(1001))).rejects.toMatchObject({ code: 3 });
  });

  test("Writes can be made to fail", async () => {
    cloud.faults.add({
      call: "Datastore.Commit",
      error: { code: "RESOURCE_EXHAUSTED", message: "Too much contention" },
    });
    await expect(datastore.save({ key: key("a"), data: {} })).rejects.toMatchObject({ code: 8 });
    await datastore.save({ key: key("a"), data: {} });
  });
});
