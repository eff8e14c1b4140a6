import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { paths } from "../../contracts/manifest.ts";
import { changeKeys } from "../../night/keys.ts";
import { followKeys } from "../../recommender/keys.ts";
import { serve } from "../../recommender/server.ts";
import { memoryObjects, settingsWith } from "../night/shop.ts";
import { testApp } from "./test-app.ts";

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
    const keys = followKeys(objects, "toys");
    const { app, measures } = await testApp({ keys });
    const ask = async (key?: string, url = "/make_recommendation") =>
      (await app.inject({ url, headers: key ? { "x-api-key": key } : {} })).statusCode;
    expect(await ask("first")).toBe(401);
    expect((await keys.refresh()).news).toEqual(["the list of keys has changed: there are 2"]);
    expect([await ask("first"), await ask("second"), await ask("third"), await ask()]).toEqual([
      ...[200, 200, 401, 401],
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
    expect(measures.text()).toContain('steamer_refused_total{reason="key"} 6');
    await app.close();
  });

  it("answers a refused key with a problem that does not repeat it", async () => {
    const keys = followKeys(memoryObjects(), "toys");
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
        ...{ method: "OPTIONS", url: "/make_recommendation" },
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
    const { app, measures } = await testApp({ settings: { maxConcurrent: 1 } });
    app.get("/slow", async () => new Promise<object>((resolve) => (answer = () => resolve({}))));
    const slow = app.inject("/slow");
    await new Promise(setImmediate);
    const response = await app.inject("/make_recommendation");
    expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "1"]);
    expect((await app.inject("/livez")).statusCode).toBe(200);
    answer();
    expect((await slow).statusCode).toBe(200);
    expect((await app.inject("/make_recommendation")).statusCode).toBe(200);
    expect(measures.text()).toContain('steamer_refused_total{reason="overload"} 1');
    await app.close();
  });
});
