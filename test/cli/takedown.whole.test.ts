import { describe, expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { publishSnapshot } from "../published.ts";
import { temporaryFolder } from "../temporary.ts";
import { steamer } from "./steamer.ts";

const folder = temporaryFolder();
const takedown = (...args: string[]) => steamer(folder, "takedown", ...args, "--shop", "toys");
const shown = async () => {
  const { stdout } = await steamer(folder, "recommend", "--browsed", "item-0003", "--shop", "toys", "--json");
  return (JSON.parse(stdout) as { results: { item: string }[] }).results.map(({ item }) => item);
};

describe("steamer takedown", () => {
  it("takes items out of answers, lists why, and puts them back", async () => {
    await publishSnapshot(fileObjects(`${folder}/.steamer`), "2026-11-20.1");
    expect(await shown()).toContain("item-0001");
    const { stdout } = await takedown("item-0001", "item-0002", "--reason", "recalled by its maker");
    expect(stdout).toContain("toys no longer recommends: item-0001, item-0002");
    expect(await shown()).not.toContain("item-0001");
    expect((await takedown("--list")).stdout).toMatch(/item-0002 +20\d\d-.* recalled by its maker/);
    await takedown("--undo", "item-0001");
    expect(await shown()).toContain("item-0001");
    expect((await takedown("--list")).stdout).not.toContain("item-0001");
  });

  it.each([
    ["ITEM-0001", "item-0001"],
    ["item-0003 ", "item-0003"],
    ["itme-0001", "item-0001"],
  ])("refuses %j, which nobody has, and names the nearest", async (id, nearest) => {
    const { status, stderr } = await takedown("item-0002", id, "--reason", "recalled");
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`no item ${JSON.stringify(id)}; the nearest are ${JSON.stringify(nearest)}`),
    ]);
    expect((await takedown("--list")).stdout).not.toContain("recalled\n");
  });

  it("takes down what the model does not have when it is told so, and refuses a shop without a model", async () => {
    expect(await takedown("item-9998", "--reason", "to come", "--unknown")).toMatchObject({ status: 0 });
    const { stderr } = await steamer(folder, "takedown", "item-0001", "--reason", "x", "--shop", "tyos");
    expect(stderr).toContain("no model has been published yet");
  });

  it.each([
    ["no reason is given", ["item-0001"]],
    ["no item is named", ["--reason", "none"]],
    ["ids have 1 to 256 bytes", ["x".repeat(257), "--reason", "too long"]],
    ["item-9999 is not taken down", ["--undo", "item-9999"]],
  ])("says that %s", async (why, args) => {
    const { status, stderr } = await takedown(...args);
    expect([status, stderr]).toEqual([1, expect.stringContaining(why)]);
  });
});
