import { afterEach, describe, expect, it, vi } from "vitest";
import { paths } from "../../contracts/manifest.ts";
import type { Answer } from "../../core/answer.ts";
import type { Objects } from "../../night/objects.ts";
import { putBack, takeDown } from "../../night/takedown.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { memoryObjects, settingsWith, smallSnapshot } from "../night/shop.ts";
import { publishSnapshot } from "./published.ts";

const nothing = { browsed: [], basket: [], purchased: [], n: 100 };

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

  it("refuses a damaged model, and stays on the old one", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const server = await started(objects);
    await objects.put(await publishSnapshot(objects, "2026-11-21.1"), "damaged");
    const { problems } = await server.model.refresh();
    expect(problems.map(String)).toEqual([expect.stringContaining("another checksum")]);
    expect(await server.model.refresh()).toEqual({ news: [], problems: [] });
    expect(await modelOf(server)).toBe("2026-11-20.1");
    await publishSnapshot(objects, "2026-11-22.1");
    expect((await server.model.refresh()).news).toEqual(["a new model answers"]);
  });

  it("tries a model that it could not load again, later and later", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const server = await started(objects);
    const bytes = smallSnapshot(20);
    const path = await publishSnapshot(objects, "2026-11-21.1", bytes);
    await objects.delete(path);
    const problemsAfter = async (seconds: number) => {
      vi.setSystemTime(Date.now() + seconds * 1000);
      return (await server.model.refresh()).problems.length;
    };
    vi.useFakeTimers({ toFake: ["Date"] });
    const seen = [];
    for (const seconds of [0, 4, 1, 9, 1]) seen.push(await problemsAfter(seconds));
    expect(seen).toEqual([1, 0, 1, 0, 1]);
    await objects.put(path, bytes);
    await problemsAfter(600);
    vi.useRealTimers();
    expect(await modelOf(server)).toBe("2026-11-21.1");
  });

  it("starts on the previous model when the current one is damaged", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    await objects.put(await publishSnapshot(objects, "2026-11-21.1"), "damaged");
    expect(await modelOf(await started(objects))).toBe("2026-11-20.1");
  });

  it("never shows an item that was taken down, be it similar or popular, until it is put back", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const server = await started(objects);
    const shown = async (query: string) => {
      const answer = await fetch(`${server.url}/make_recommendation?n=100${query}`);
      return ((await answer.json()) as Answer).results.map(({ item }) => item);
    };
    expect((await shown("&browsed=item-0003"))[0]).toBe("item-0000");
    const blocked = { shop: "toys", items: ["item-0000", "no-such-item"] };
    await takeDown(objects, { ...blocked, reason: "recalled", now: new Date() });
    expect((await server.model.refresh()).news).toEqual([expect.stringContaining("block list")]);
    expect((await server.model.refresh()).news).toEqual([]);
    for (const query of ["&browsed=item-0003", ""]) expect(await shown(query)).not.toContain("item-0000");
    // It still says something about who looked at it.
    expect((await shown("&browsed=item-0000"))[0]).toBe("item-0001");
    await putBack(objects, blocked);
    await server.model.refresh();
    expect((await shown("&browsed=item-0003"))[0]).toBe("item-0000");
  });

  it("keeps to the last block list while it cannot be read, says so, and follows the pointer all the same", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    await takeDown(objects, { shop: "toys", items: ["item-0000"], reason: "recalled", now: new Date() });
    const server = await started(objects);
    await objects.put(paths.blockList("toys"), "{ items: ");
    await publishSnapshot(objects, "2026-11-21.1");
    const { news, problems } = await server.model.refresh();
    expect(news).toEqual(["a new model answers"]);
    expect(problems.map(String)).toEqual([expect.stringContaining("blocked.json: it is not valid JSON")]);
    const { results } = await server.model.get()!.recommend(nothing);
    expect(results.map(({ item }) => item)).not.toContain("item-0000");
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
