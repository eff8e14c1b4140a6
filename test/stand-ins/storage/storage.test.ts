import { Storage } from "@google-cloud/storage";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startCloud, type Cloud } from "../cloud.ts";

let cloud: Cloud;
let storage: Storage;
beforeAll(async () => {
  cloud = await startCloud({ services: ["storage"], buckets: ["shop"] });
  storage = new Storage({ projectId: cloud.project, apiEndpoint: cloud.endpoints.storage! });
  storage.retryOptions.maxRetries = 1;
}, 600_000);
afterEach(() => cloud.faults.clear());
afterAll(() => cloud.close());

const object = (name: string) => storage.bucket("shop").file(name);
const generationOf = async (name: string) => Number((await object(name).getMetadata())[0].generation);

test("An object comes back as it was saved, and is listed by its prefix", async () => {
  await object("a/one.bin").save(Buffer.from([0, 255, 13, 10]), { resumable: false });
  await object("b/two.txt").save("zwei", { resumable: false });
  expect([...(await object("a/one.bin").download())[0]]).toEqual([0, 255, 13, 10]);
  expect((await storage.bucket("shop").getFiles({ prefix: "a/" }))[0].map(({ name }) => name)).toEqual([
    "a/one.bin",
  ]);
});

test("Of eight writers who compare with the same generation one wins", async () => {
  await object("swap").save("0", { resumable: false });
  const generation = await generationOf("swap");
  const swaps = Array.from({ length: 8 }, (_, k) =>
    object("swap").save(`${k}`, { resumable: false, preconditionOpts: { ifGenerationMatch: generation } }),
  );
  const outcomes = await Promise.allSettled(swaps);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: 412 } });
});

test("Deletes and resumable uploads keep to a stale generation's precondition as well", async () => {
  await object("kept").save("first", { resumable: false });
  const stale = await generationOf("kept");
  await object("kept").save("second", { resumable: false });
  await expect(object("kept").delete({ ifGenerationMatch: stale })).rejects.toMatchObject({ code: 412 });
  const late = object("kept").save("third", {
    resumable: true,
    preconditionOpts: { ifGenerationMatch: stale },
  });
  await expect(late).rejects.toThrow();
  expect((await object("kept").download())[0].toString()).toBe("second");
});

test("A write whose answer is lost has happened, so its repetition conflicts", async () => {
  cloud.faults.add({ call: "Storage.InsertObject", lost: true });
  const save = object("lost").save("written", {
    resumable: false,
    preconditionOpts: { ifGenerationMatch: 0 },
  });
  await expect(save).rejects.toThrow();
  expect((await object("lost").download())[0].toString()).toBe("written");
});

test("A call fails as often as it is told, and then works again", async () => {
  await object("shaky").save("x", { resumable: false });
  const fault = cloud.faults.add({
    call: "Storage.ReadObject",
    times: 1,
    error: { code: "PERMISSION_DENIED" },
  });
  await expect(object("shaky").download()).rejects.toMatchObject({ code: 403 });
  expect((await object("shaky").download())[0].toString()).toBe("x");
  expect(fault.hits).toBe(1);
});

test("Calls are counted", async () => {
  const before = cloud.calls("Storage.DeleteObject");
  await object("counted").save("x", { resumable: false });
  await object("counted").delete();
  expect(cloud.calls("Storage.DeleteObject")).toBe(before + 1);
});
