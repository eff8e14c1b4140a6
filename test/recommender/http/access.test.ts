import { createHash } from "node:crypto";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { HttpProblem } from "../../../contracts/http/http-problem.ts";
import { paths } from "../../../contracts/layout.ts";
import { changeKeys } from "../../../night/state/key-list.ts";
import type { Objects } from "../../../night/state/objects.ts";
import { followApiKeys } from "../../../recommender/http/api-keys.ts";
import { serve } from "../../../recommender/server.ts";
import { memoryObjects, settingsWith } from "../../night/shop.ts";
import { temporaryFolder } from "../../temporary.ts";
import { publishSnapshot } from "../../published.ts";
import { testApp } from "../test-app.ts";

const hashed = (key: string) => createHash("sha256").update(key).digest("hex");

describe("access", () => {
  it.each(["0.0.0.0", "::", "192.168.1.5", "shop.example"])(
    "open to everybody is refused on %s, where everybody could come",
    async (host) => {
      const settings = settingsWith({ host, port: 0 });
      await expect(serve({ settings, objects: memoryObjects() })).rejects.toThrow("choose --access keys");
    },
  );

  it.each([
    ["127.0.0.1:8080", 200],
    ["localhost", 200],
    ["[::1]:8080", 200],
    ["shop.example", 200],
    ["evil.example:8080", 421],
    ["127.0.0.1.evil.example", 421],
    ["localhost.evil.example", 421],
    ["169.254.169.254", 421],
  ])(
    "open to everybody answers under the name %s with %i: a page's own name may lead here",
    async (host, status) => {
      const { app } = await testApp({ settings: { origins: ["https://shop.example"] } });
      const response = await app.inject({ url: "/popular", headers: { host } });
      expect(response.statusCode).toBe(status);
      if (status === 421)
        expect(response.json()).toMatchObject({ detail: expect.stringContaining("localhost") });
      await app.close();
    },
  );

  it("by keys lets in who has one, and health; and follows the list", async () => {
    const objects = memoryObjects();
    const since = "2026-11-22T00:00:00Z";
    await changeKeys(objects, "toys", () => ({
      shop: { sha256: hashed("first"), since },
      partner: { sha256: hashed("second"), since },
    }));
    const keys = followApiKeys(objects, "toys");
    const { app, metrics } = await testApp({ keys });
    const ask = async (key?: string, url = "/make_recommendation") =>
      (await app.inject({ url, headers: key ? { "x-api-key": key } : {} })).statusCode;
    // Nobody can say yet that it is not valid.
    const early = await app.inject({ url: "/popular", headers: { "x-api-key": "first" } });
    expect([early.statusCode, early.headers["retry-after"], await ask()]).toEqual([503, "5", 401]);
    expect((await keys.refresh()).news).toEqual(["the list of keys has changed: there are 2"]);
    expect([await ask("first"), await ask("second"), await ask("third"), await ask()]).toEqual([
      200, 200, 401, 401,
    ]);
    expect([await ask(undefined, "/readyz"), await ask(undefined, "/nowhere")]).toEqual([200, 401]);
    await changeKeys(objects, "toys", ({ shop }) => ({ shop }));
    await keys.refresh();
    expect([await ask("first"), await ask("second")]).toEqual([200, 401]);
    // While the list cannot be read, nobody is locked out, and nobody let in.
    await objects.put(paths.keys("toys"), "{");
    expect((await keys.refresh()).problems).toHaveLength(1);
    expect(keys.failing()).toEqual(["the keys"]);
    expect([await ask("first"), await ask("second")]).toEqual([200, 401]);
    expect(metrics.text()).toContain('steamer_refused_total{shop="toys",reason="key"} 7');
    await app.close();
  });

  it("by keys, with storage down at the start, says so, and refuses no valid key for good", async () => {
    const stored = memoryObjects();
    let isDown = true;
    const get: Objects["get"] = (path) =>
      isDown ? Promise.reject(new Error("storage is down")) : stored.get(path);
    await publishSnapshot(stored, "2026-11-20.1");
    const since = "2026-11-22T00:00:00Z";
    await changeKeys(stored, "toys", () => ({ shop: { sha256: hashed("first"), since } }));
    const settings = settingsWith({ access: "keys", port: 0, data: temporaryFolder() });
    const server = await serve({ settings, objects: { ...stored, get } });
    const ask = async (path: string) => {
      const answer = await fetch(server.url + path, { headers: { "x-api-key": "first" } });
      return [
        answer.status,
        answer.headers.get("retry-after"),
        ((await answer.json()) as HttpProblem).detail,
      ];
    };
    expect(await ask("/popular")).toEqual([503, "5", expect.stringContaining("list of keys")]);
    const ready = [
      503,
      "5",
      expect.stringContaining("failing: the block list, the pushed stock, the current model, the keys;"),
    ];
    expect(await ask("/readyz")).toEqual(ready);
    isDown = false;
    await server.refresh();
    expect((await ask("/popular"))[0]).toBe(200);
    await server.close();
  });

  it("answers a refused key with a problem that does not repeat it", async () => {
    const keys = followApiKeys(memoryObjects(), "toys");
    await keys.refresh();
    const { app } = await testApp({ keys });
    const response = await app.inject({ url: "/popular", headers: { "x-api-key": "s3cret" } });
    expect(response.json()).toMatchObject({ status: 401, detail: expect.stringContaining("x-api-key") });
    expect(response.body).not.toContain("s3cret");
    await app.close();
  });

  it("from a browser is for the pages that the settings name", async () => {
    const { app } = await testApp({ settings: { origins: ["https://shop.example"] } });
    const preflight = (origin: string) =>
      app.inject({
        method: "OPTIONS",
        url: "/make_recommendation",
        headers: { origin, "access-control-request-method": "POST" },
      });
    const allowed = async (origin: string) =>
      (await preflight(origin)).headers["access-control-allow-origin"];
    expect(await allowed("https://shop.example")).toBe("https://shop.example");
    expect(await allowed("https://evil.example")).not.toBe("https://evil.example");
    await app.close();
  });

  it("tells who comes while there is too much to do to come again, but answers health", async () => {
    let answer = () => {};
    const { app, metrics } = await testApp({ settings: { maxConcurrent: 1 } });
    app.get("/slow", async () => new Promise<object>((resolve) => (answer = () => resolve({}))));
    const slow = app.inject("/slow");
    await new Promise(setImmediate);
    const response = await app.inject("/make_recommendation");
    expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "1"]);
    expect((await app.inject("/livez")).statusCode).toBe(200);
    answer();
    expect((await slow).statusCode).toBe(200);
    expect((await app.inject("/make_recommendation")).statusCode).toBe(200);
    expect(metrics.text()).toContain('steamer_refused_total{shop="toys",reason="overload"} 1');
    await app.close();
  });

  it("is not kept out by probes that are under way: they take nobody's place", async () => {
    let answer = () => {};
    const { app } = await testApp({ settings: { maxConcurrent: 1 } });
    const slow = async () => new Promise<object>((resolve) => (answer = () => resolve({})));
    app.get("/probe", { config: { isUrgent: true } }, slow);
    const probe = app.inject("/probe");
    await new Promise(setImmediate);
    expect((await app.inject("/make_recommendation")).statusCode).toBe(200);
    answer();
    expect((await probe).statusCode).toBe(200);
    await app.close();
  });

  it("is not kept out by who has sent half a body, which is no work yet; a whole one is", async () => {
    let answer = () => {};
    let isAtWork = false;
    const { app } = await testApp({ settings: { access: "iam", maxConcurrent: 1 } });
    app.post("/slow", async () => {
      isAtWork = true;
      return new Promise<object>((resolve) => (answer = () => resolve({})));
    });
    const { port } = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
    const halves = [1, 2, 3].map(() => connect(Number(port), "127.0.0.1").on("error", () => {}));
    const head =
      "POST /slow HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{";
    const arrived = new Promise<void>((done) => {
      let count = 0;
      app.server.on("request", () => void (++count === halves.length && done()));
    });
    for (const half of halves) half.write(head);
    await arrived;
    expect((await app.inject("/make_recommendation")).statusCode).toBe(200);
    halves[0].write("}");
    await expect.poll(() => isAtWork).toBe(true);
    expect((await app.inject("/make_recommendation")).statusCode).toBe(503);
    const [answered] = await Promise.all([
      new Promise<string>((done) => halves[1].once("data", (data) => done(String(data)))),
      halves[1].write("}"),
    ]);
    expect(answered).toMatch(/^HTTP\/1.1 503 [^]*retry-after: 1/i);
    answer();
    await expect.poll(async () => (await app.inject("/make_recommendation")).statusCode).toBe(200);
    for (const half of halves) half.destroy();
    await app.close();
  });
});
