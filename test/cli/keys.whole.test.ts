import { describe, expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { settingsWith } from "../night/shop.ts";
import { publishSnapshot } from "../published.ts";
import { serve } from "../../recommender/server.ts";
import { temporaryFolder } from "../temporary.ts";
import { steamer } from "./steamer.ts";

const folder = temporaryFolder();
const keys = (...args: string[]) => steamer(folder, "keys", ...args, "--shop", "toys");

describe("steamer keys", () => {
  it("lets a caller in and out of a recommender that runs", async () => {
    const data = `${folder}/.steamer`;
    const objects = fileObjects(data);
    await publishSnapshot(objects, "2026-11-20.1");
    const server = await serve({ settings: settingsWith({ port: 0, access: "keys", data }), objects });
    const { stdout } = await keys("add", "shop-front");
    const key = /^steamer_\S{32}$/m.exec(stdout)![0];
    const ask = async () => {
      await server.refresh();
      return (await fetch(`${server.url}/popular`, { headers: { "x-api-key": key } })).status;
    };
    expect(await ask()).toBe(200);
    expect((await keys("list")).stdout).toMatch(/shop-front +20\d\d-/);
    expect((await keys("add", "shop-front")).stderr).toContain("has one already");
    expect((await keys("add", "Shop Front")).stderr).toContain("is not a name");
    await keys("revoke", "shop-front");
    expect(await ask()).toBe(401);
    expect((await keys("revoke", "shop-front")).stderr).toContain("has none");
    await server.close();
  });
});
