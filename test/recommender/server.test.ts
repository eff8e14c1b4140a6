import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createClient } from "../../client.ts";
import { paths } from "../../contracts/layout.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Answer } from "../../core/ranking/answer.ts";
import type { Objects } from "../../night/state/objects.ts";
import { putBack, takeDown } from "../../night/state/block-list.ts";
import { recommend } from "../../recommender/model/loaded-model.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { memoryObjects, settingsWith, smallSnapshot } from "../night/shop.ts";
import { temporaryFolder } from "../temporary.ts";
import { publishSnapshot } from "../published.ts";

const nothing = { browsed: [], basket: [], purchased: [], n: 100 };

describe("the server", () => {
  const servers: Server[] = [];
  afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.close()))));
  const started = async (objects: Objects, change: Partial<Settings> = {}) => {
    const settings = settingsWith({ port: 0, opsPort: 0, data: temporaryFolder(), ...change });
    const server = await serve({ settings, objects, timeouts: { headMs: 300, requestMs: 600 } });
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
    await server.shops.get("toys")!.model.refresh();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await modelOf(server)).toBe("2026-11-20.1");
  });

  it("listens also when storage does not answer, after a while", async () => {
    const objects: Objects = { ...memoryObjects(), get: () => new Promise(() => {}) };
    const settings = settingsWith({ port: 0, data: temporaryFolder() });
    const server = await serve({ settings, objects, firstLookMs: 20 });
    servers.push(server);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  });

  it("refuses a damaged model, and stays on the old one", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const server = await started(objects);
    await objects.put(await publishSnapshot(objects, "2026-11-21.1"), "damaged");
    const { problems } = await server.shops.get("toys")!.model.refresh();
    expect(problems.map(String)).toEqual([expect.stringContaining("another checksum")]);
    expect(await server.shops.get("toys")!.model.refresh()).toEqual({ news: [], problems: [] });
    expect(await modelOf(server)).toBe("2026-11-20.1");
    await publishSnapshot(objects, "2026-11-22.1");
    expect((await server.shops.get("toys")!.model.refresh()).news).toEqual(["a new model answers"]);
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
      return (await server.shops.get("toys")!.model.refresh()).problems.length;
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
    expect((await server.shops.get("toys")!.model.refresh()).news).toEqual([
      expect.stringContaining("block list"),
    ]);
    expect((await server.shops.get("toys")!.model.refresh()).news).toEqual([]);
    for (const query of ["&browsed=item-0003", ""]) expect(await shown(query)).not.toContain("item-0000");
    // It still says something about who looked at it.
    expect((await shown("&browsed=item-0000"))[0]).toBe("item-0001");
    await putBack(objects, blocked);
    await server.shops.get("toys")!.model.refresh();
    expect((await shown("&browsed=item-0003"))[0]).toBe("item-0000");
  });

  it("keeps to the last block list while it cannot be read, says so, and follows the pointer all the same", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    await takeDown(objects, { shop: "toys", items: ["item-0000"], reason: "recalled", now: new Date() });
    const server = await started(objects);
    await objects.put(paths.blockList("toys"), "{ items: ");
    await publishSnapshot(objects, "2026-11-21.1");
    const { news, problems } = await server.shops.get("toys")!.model.refresh();
    expect(news).toEqual(["a new model answers"]);
    expect(problems.map(String)).toEqual([expect.stringContaining("blocked.json: it is not valid JSON")]);
    const { results } = await recommend(server.shops.get("toys")!.model.get()!, nothing);
    expect(results.map(({ item }) => item)).not.toContain("item-0000");
  });

  it("is not ready while nobody knows what is taken down, and keeps what it knew when the list is gone", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const running = await started(objects);
    await takeDown(objects, { shop: "toys", items: ["item-0000"], reason: "recalled", now: new Date() });
    await running.shops.get("toys")!.model.refresh();
    const list = (await objects.get(paths.blockList("toys")))!.data;
    for (const loss of ["{", null]) {
      await (loss === null
        ? objects.delete(paths.blockList("toys"))
        : objects.put(paths.blockList("toys"), loss));
      const { url } = await started(objects);
      const ready = await fetch(`${url}/readyz`);
      expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining("the block list")]);
      expect((await fetch(`${url}/make_recommendation`)).status).toBe(503);
      await running.shops.get("toys")!.model.refresh();
      const { results } = await recommend(running.shops.get("toys")!.model.get()!, nothing);
      expect(results.map(({ item }) => item)).not.toContain("item-0000");
    }
    const server = await started(objects);
    await objects.put(paths.blockList("toys"), list);
    await server.shops.get("toys")!.model.refresh();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
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
      expect.objectContaining({ type: "about:blank", status: 431 }),
    ]);
  });

  it("shows what it counts to operators, on a listener of their own", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const server = await started(objects);
    await fetch(`${server.url}/make_recommendation?browsed=item-0003&n=3`);
    await publishSnapshot(objects, "2026-11-21.1");
    await server.refresh();
    const text = await (await fetch(`${server.opsUrl}/metrics`)).text();
    for (const line of [
      'steamer_requests_total{shop="toys",method="GET",route="/make_recommendation",status="200"} 1',
      'steamer_results_total{shop="toys",source="model",scenario="similar"} 3',
      'steamer_model_swaps_total{shop="toys"} 2',
      'steamer_model_items{shop="toys",model="2026-11-21.1"} 20',
      'steamer_request_duration_seconds_count{shop="toys",route="/make_recommendation"} 1',
    ])
      expect(text).toContain(line);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  });

  it("says that it is degraded while it stays on an old model", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const server = await started(objects);
    await objects.put(await publishSnapshot(objects, "2026-11-21.1"), "damaged");
    await server.refresh();
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: "degraded", model: "2026-11-20.1", failing: ["the current model"] },
    ]);
    const text = await (await fetch(`${server.opsUrl}/metrics`)).text();
    expect(text).toContain('steamer_failing{shop="toys",what="the current model"} 1');
  });

  it("loses no request while models are swapped", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-01.1");
    const server = await started(objects);
    const over = new AbortController();
    const seen: string[] = [];
    const customer = async () => {
      do seen.push(await modelOf(server));
      while (!over.signal.aborted);
    };
    const customers = [customer(), customer()];
    for (let day = 2; day <= 20; day++) {
      await publishSnapshot(objects, `2026-11-${String(day).padStart(2, "0")}.1`);
      await server.refresh();
    }
    over.abort();
    await Promise.all(customers);
    expect(await modelOf(server)).toBe("2026-11-20.1");
    expect(seen).toEqual(seen.toSorted());
  });

  it("cuts clients that are too slow, with a problem", async () => {
    const server = await started(memoryObjects());
    const { port } = new URL(server.url);
    const answerTo = async (head: string) => {
      const socket = connect(Number(port), "127.0.0.1");
      socket.write(head);
      return text(socket);
    };
    const [head, body] = await Promise.all([
      answerTo("GET /livez HTTP/1.1\r\nx: "),
      answerTo(
        "POST /make_recommendation HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{",
      ),
    ]);
    for (const answer of [head, body]) {
      expect(answer).toContain("HTTP/1.1 408 Request Timeout");
      expect(answer).toContain("application/problem+json");
    }
  });

  it.each([
    ["nonsense\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\nhost: localhost\r\nx y: 1\r\n\r\n", 400],
    ["GET /livez HTTP/1.1\r\nexpect: miracles\r\nconnection: close\r\n\r\n", 417],
  ])("answers %j, which Node refuses, with a problem", async (request, status) => {
    const server = await started(memoryObjects());
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.write(request);
    const [head, body] = (await text(socket)).split("\r\n\r\n");
    expect(head).toContain(`HTTP/1.1 ${status}`);
    expect(head).toContain("application/problem+json");
    expect(body).toContain(`"status":${status}`);
  });

  it("finishes the requests under way when it closes", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const server = await started(objects);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const head =
      "POST /make_recommendation HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    socket.write(`${head}content-length: 2\r\n\r\n{`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = server.close();
    socket.write("}");
    const answer = await text(socket);
    await closed;
    expect(answer).toContain("HTTP/1.1 200 OK");
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it("closes although a request was refused before its body had come", async () => {
    const server = await started(memoryObjects());
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    socket.write("POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{");
    const [refused] = (await once(socket, "data")) as [Buffer];
    expect(refused.toString()).toContain("HTTP/1.1 404");
    const closed = server.close();
    socket.write("}");
    await closed;
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it("drains: it answers on, but ends each connection with its next answer", async () => {
    const server = await started(memoryObjects());
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const ask = "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n";
    const answers: string[] = [];
    socket.setEncoding("utf8").on("data", (answer: string) => answers.push(answer));
    socket.write(ask);
    await once(socket, "data");
    server.app.drain();
    socket.write(ask);
    await once(socket, "close");
    expect(answers.map((answer) => /connection: ([\w-]+)/i.exec(answer)![1])).toEqual([
      "keep-alive",
      "close",
    ]);
    expect((await fetch(`${server.url}/livez`)).headers.get("connection")).toBe("close");
    await server.drain(0);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it("keeps events in a file of the data folder", async () => {
    const objects = memoryObjects();
    await publishSnapshot(objects, "2026-11-20.1");
    const data = temporaryFolder();
    const server = await started(objects, { data });
    const client = createClient({ url: server.url });
    const { results, attributionToken: token } = await client.recommend({ browsed: ["item-0003"], n: 1 });
    await client.sendEvents([{ id: "1", event: "click", item: results[0].item, token }]);
    await server.close();
    const folder = join(data, "attribution", "toys");
    const [file] = readdirSync(folder);
    expect(JSON.parse(readFileSync(join(folder, file), "utf8"))).toMatchObject({
      event: "click",
      item: "item-0000",
    });
  });
});
