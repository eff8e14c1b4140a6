import { afterEach, describe, expect, it } from "vitest";
import { Value } from "typebox/value";
import { Manifest, paths } from "../../contracts/manifest.ts";
import type { Answer } from "../../core/answer.ts";
import type { Objects } from "../../night/objects.ts";
import { publishModel } from "../../night/pointer.ts";
import { sha256 } from "../../night/snapshot.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { memoryObjects, settingsWith, smallSnapshot } from "../night/shop.ts";

/** Stores a model as a finished night leaves it, and publishes it. */
async function publishSnapshot(
  objects: Objects,
  model: string,
  snapshot = smallSnapshot(20),
): Promise<string> {
  const path = `shops/toys/models/${model}/load=1/snapshot.arrow`;
  const reference = { path, bytes: snapshot.length, sha256: await sha256(snapshot) };
  const done = { state: "done", attempt: 1 } as const;
  const manifest: Manifest = {
    ...{ format: 1, shop: "toys", run: model, lastDay: model.split(".")[0], state: "done", startedAt: "" },
    ...{ lease: { owner: "", expiresAt: "" }, settings: {}, versions: {}, warnings: [] },
    stages: {
      ...{ export: done, similarity: done, publish: done },
      load: { ...done, metrics: { items: 20, snapshot: reference } },
    },
  };
  expect(Value.Check(Manifest, manifest)).toBe(true);
  await objects.put(path, snapshot);
  await objects.put(paths.manifest("toys", model), JSON.stringify(manifest));
  await publishModel(objects, { shop: "toys", model, now: new Date() });
  return path;
}

describe("the server", () => {
  const servers: Server[] = [];
  afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.close()))));
  const started = async (objects: Objects) => {
    const server = await serve({ settings: settingsWith({ port: 0 }), objects });
    servers.push(server);
    return server;
  };
  const modelOf = async ({ url }: Server) =>
    ((await (await fetch(`${url}/make_recommendation`)).json()) as Answer).model;

  it("listens before there is a model, and is ready once the first is published", async () => {
    const objects = memoryObjects();
    const server = await started(objects);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    await publishSnapshot(objects, "2026-11-20.1");
    await server.model.refresh();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await modelOf(server)).toBe("2026-11-20.1");
  });

  it("refuses a damaged model, once, and stays on the old one", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const server = await started(objects);
    await objects.put(await publishSnapshot(objects, "2026-11-21.1"), "damaged");
    await expect(server.model.refresh()).rejects.toThrow("another checksum");
    expect(await server.model.refresh()).toBe(false);
    expect(await modelOf(server)).toBe("2026-11-20.1");
    await publishSnapshot(objects, "2026-11-22.1");
    expect(await server.model.refresh()).toBe(true);
  });

  it("starts on the previous model when the current one is damaged", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    await objects.put(await publishSnapshot(objects, "2026-11-21.1"), "damaged");
    expect(await modelOf(await started(objects))).toBe("2026-11-20.1");
  });

  it("answers the longest request it promises to, and says when one is longer", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const { url } = await started(objects);
    const list = Array.from({ length: 200 }, (_, k) => `${"x".repeat(252)}${k}`).join(",");
    const ask = (query: string) => fetch(`${url}/make_recommendation?${query}`);
    expect((await ask(`browsed=${list}&basket=${list}&purchased=${list}`)).status).toBe(200);
    const tooLong = await ask(`browsed=${"x".repeat(300_000)}`);
    expect([tooLong.status, await tooLong.json()]).toEqual([
      431,
      { error: expect.stringContaining("262144 bytes") },
    ]);
  });
});
