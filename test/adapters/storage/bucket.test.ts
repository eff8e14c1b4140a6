import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bucketObjects } from "../../../adapters/storage/bucket.ts";
import { openFolder, openObjects } from "../../../adapters/storage/choose.ts";
import { GenerationConflict, type Objects } from "../../../night/state/objects.ts";
import { objectsSuite } from "../../night/state/objects.suite.ts";
import { settingsWith } from "../../night/shop.ts";
import { startCloud, type Cloud } from "../../stand-ins/cloud.ts";

let cloud: Cloud;
const empty: Objects[] = [];
beforeAll(async () => {
  const names = Array.from({ length: 12 }, (_, k) => `empty-${k}`);
  cloud = await startCloud({ services: ["storage"], buckets: [...names, "data", "pointer"] });
  for (const name of names) empty.push(await bucketObjects(cloud, name));
}, 600_000);
afterEach(() => cloud.faults.clear());
afterAll(() => cloud.close());

objectsSuite(() => empty.pop()!);

describe("a bucket", () => {
  it("takes a put for done whose answer was lost and which the client repeated", async () => {
    const objects = empty.pop()!;
    const read = await objects.put("doc", "1");
    cloud.faults.add({ call: "Storage.InsertObject", lost: true });
    const written = await objects.put("doc", "2", { ifGeneration: read });
    expect(cloud.calls("Storage.InsertObject")).toBeGreaterThan(1);
    expect(await objects.get("doc")).toMatchObject({ generation: written });
    cloud.faults.add({ call: "Storage.InsertObject", lost: true });
    await objects.put("new", "1", { ifGeneration: null });
  });

  it("does not take somebody else's put for its own, even if it says the same", async () => {
    const objects = empty.pop()!;
    const read = await objects.put("doc", "1");
    await objects.put("doc", "2", { ifGeneration: read });
    await expect(objects.put("doc", "2", { ifGeneration: read })).rejects.toThrow(GenerationConflict);
  });

  it("holds a snapshot of some megabytes as it was put", async () => {
    const objects = empty.pop()!;
    const snapshot = randomBytes(12 * 2 ** 20);
    await objects.put("snapshot.arrow", snapshot);
    const { data } = (await objects.get("snapshot.arrow"))!;
    expect(data.byteOffset).toBe(0);
    expect(Buffer.compare(data, snapshot)).toBe(0);
  });

  it("that is not there is named, with what to do", async () => {
    const objects = await bucketObjects(cloud, "missing");
    const writing = objects.put("doc", "1");
    await expect(writing).rejects.toThrow(/Writing gs:\/\/missing\/doc: .*\n {2}Next: .*bucket missing/);
    await expect(objects.list("a/")).rejects.toMatchObject({ name: "Problem" });
  });

  it("that may not be used is a problem for people; one that is busy is asked again", async () => {
    const objects = empty.pop()!;
    cloud.faults.add({ call: "Storage.ReadObject", error: { code: "PERMISSION_DENIED" } });
    await expect(objects.get("doc")).rejects.toMatchObject({ name: "Problem" });
    const busy = cloud.faults.add({ call: "Storage.ListObjects", error: { code: "UNAVAILABLE" } });
    expect(await objects.list("")).toEqual([]);
    expect(busy.hits).toBe(1);
  });
});

describe("the objects of a shop", () => {
  const settings = () =>
    settingsWith({
      data: "gs://data",
      pointer: "gs://pointer",
      project: cloud.project,
      endpoints: cloud.endpoints,
    });

  it("keep pointer, block list and settings in a bucket of their own", async () => {
    const objects = await openObjects(settings());
    const apart = ["blocked", "current", "settings"].map((name) => `shops/toys/${name}.json`);
    const manifest = "shops/toys/runs/2026-11-21.1/manifest.json";
    for (const path of [...apart, manifest]) await objects.put(path, path);
    expect(await cloud.files.list("gs://pointer/*")).toEqual(apart.map((path) => `gs://pointer/${path}`));
    expect(await cloud.files.list("gs://data/*")).toEqual([`gs://data/${manifest}`]);
    expect(new TextDecoder().decode((await objects.get(apart[1]))!.data)).toBe(apart[1]);
    expect(await objects.list("shops/")).toEqual([...apart, manifest].sort());
    expect(await objects.list("shops/toys/runs/")).toEqual([manifest]);
    await objects.delete(apart[0]);
    expect(await objects.list("shops/toys/b")).toEqual([]);
  });

  it("lie in one bucket, or one folder, where nothing else is said", async () => {
    const { pointer: _, ...rest } = settings();
    const objects = await openObjects(rest);
    await objects.put("shops/games/current.json", "{}");
    expect(await cloud.files.list("gs://data/shops/games/*")).toHaveLength(1);
  });
});

describe("a place of a setting", () => {
  it.each(["gs://data/texts/mine", "gs://data/texts/mine/"])("is a folder of a bucket: %s", async (place) => {
    const objects = await bucketObjects(cloud, "data");
    const generation = await objects.put("texts/mine/config.json", "{}");
    const folder = await openFolder({ ...settingsWith(), ...cloud }, place);
    expect(await folder.get("config.json")).toEqual({ data: Buffer.from("{}"), generation });
    expect(await folder.get("other.json")).toBeNull();
  });
});
