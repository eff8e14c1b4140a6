import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "./temporary.ts";

/**
 * The package as npm would publish it, installed where types are not stripped: below node_modules.
 */
describe("the package", () => {
  const folder = temporaryFolder();
  const installed = join(folder, "node_modules/steamer");
  const node = (...args: string[]) => execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" });

  beforeAll(() => {
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { stdio: "ignore" });
    mkdirSync(installed, { recursive: true });
    const [archive] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
    execFileSync("tar", ["-xzf", join(folder, archive), "-C", installed, "--strip-components=1"]);
    for (const name of readdirSync("node_modules").filter((name) => !name.startsWith("."))) {
      symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
    }
  }, 120_000);

  it("is a library: neighbours, recommend, evaluate", () => {
    const script = `import { neighbours, recommend, evaluate } from "steamer";
      const rows = ["a", "b"].flatMap((user) => ["x", "y"].map((item) => ({ user, item })));
      const model = neighbours(rows);
      const [{ item }] = recommend(model, { browsed: ["x"] }).results;
      console.log(item, evaluate(model, rows.slice(1), [{ user: "a", item: "x" }]).recall10);`;
    expect(node("--input-type=module", "-e", script)).toBe("y 1\n");
  });

  it("has a client of the recommender, which needs nothing but fetch", () => {
    const script = `import { createClient } from "steamer/client";
      const fetch = async (url, { body }) => new Response(JSON.stringify({ url, body }));
      console.log(JSON.stringify(await createClient({ url: "http://a", fetch }).recommend({ n: 2 })));`;
    const answer = { url: "http://a/make_recommendation", body: '{"n":2}' };
    expect(JSON.parse(node("--input-type=module", "-e", script))).toEqual(answer);
    expect(readFileSync(join(installed, "dist/client.js"), "utf8")).not.toMatch(/^import /m);
  });

  it("is a command, whose nights use worker threads", () => {
    const bin = join(installed, "bin/steamer.js");
    expect(node(bin, "--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
    node(bin, "demo", "--no-serve", "--customers", "15000", "--threads", "2");
    expect(node(bin, "recommend", "--shop", "demo", "--browsed", "tent-002")).toContain("model");
  });

  it("shows the shop and the operator's page, whose files it carries", async () => {
    const args = [join(installed, "bin/steamer.js"), "serve", "--shop", "demo", "--port", "0"];
    const server = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    try {
      let said = "";
      for await (const chunk of server.stdout) if (/in a browser/.test((said += chunk))) break;
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said)!;
      for (const path of ["/", "/operator", "/page/shop.js", "/page/page.css", "/page/nights"])
        expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
    } finally {
      server.kill();
      await once(server, "exit");
    }
  });

  it("carries no sources, tests or benchmarks", () => {
    expect(readdirSync(installed).sort()).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "bin",
      "dist",
      "docs",
      "package.json",
    ]);
  });
});
