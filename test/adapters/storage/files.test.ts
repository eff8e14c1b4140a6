import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { fileObjects, sweepTemporaries, temporaryPath } from "../../../adapters/storage/files.ts";
import { temporaryName } from "../../../contracts/layout.ts";
import { objectsSuite } from "../../night/state/objects.suite.ts";
import { temporaryFolder } from "../../temporary.ts";

const folder = temporaryFolder();
const fresh = () => mkdtempSync(join(folder, "root-"));

objectsSuite(() => fileObjects(fresh()));

describe("files", () => {
  it("list the same paths whichever way their folder is named", async () => {
    const root = fresh();
    await fileObjects(root).put("shops/toys/current.json", "{}");
    for (const name of [relative(process.cwd(), root), `${root}/`, `${root}/./`]) {
      expect(await fileObjects(name).list("shops/")).toEqual(["shops/toys/current.json"]);
    }
  });

  it("refuse a path that leads out of the folder", async () => {
    await expect(fileObjects(fresh()).get("../secret")).rejects.toThrow(TypeError);
    await expect(fileObjects(fresh()).put("a//b", "")).rejects.toThrow(TypeError);
  });

  it("let one of several processes win a swap", async () => {
    const root = fresh();
    const ifGeneration = await fileObjects(root).put("doc", "0");
    const module = new URL("../../../adapters/storage/files.ts", import.meta.url).href;
    const swap = `const { fileObjects } = await import(${JSON.stringify(module)});
      await fileObjects(${JSON.stringify(root)}).put("doc", String(process.pid), { ifGeneration: "${ifGeneration}" })
        .then(() => console.log("won"), (error) => console.log(error.name));`;
    const run = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", swap]);
    const results = await Promise.all(Array.from({ length: 4 }, run));
    const won = results.filter(({ stdout }) => stdout.trim() === "won");
    const lost = results.filter(({ stdout }) => stdout.trim() === "GenerationConflict");
    expect([won.length, lost.length]).toEqual([1, 3]);
  });

  it("half-written by a writer that was killed are not listed, and can be swept", async () => {
    const root = fresh();
    await fileObjects(root).put("doc", "whole");
    writeFileSync(temporaryPath(join(root, "doc")), "ha");
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(join(root, temporaryName(`${hostname()}:${pid}`, "1")), "ha");
    expect(await fileObjects(root).list("")).toEqual(["doc"]);
    await sweepTemporaries(root);
    expect(readdirSync(root).filter((name) => name !== ".lock")).toEqual(["doc"]);
  });

  it("that others write are left to them, for an hour", async () => {
    const root = fresh();
    const ours = temporaryName(`${hostname()}:${process.ppid}`, "1");
    const theirs = temporaryName("my-other-host:1.2", "2");
    for (const name of [ours, theirs]) writeFileSync(join(root, name), "ha");
    await sweepTemporaries(root);
    expect(readdirSync(root).sort()).toEqual([ours, theirs].sort());
    const before = Date.now() / 1000 - 3700;
    utimesSync(join(root, theirs), before, before);
    await sweepTemporaries(root);
    expect(readdirSync(root)).toEqual([ours]);
  });
});
