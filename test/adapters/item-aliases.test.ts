import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openItemAliases } from "../../adapters/item-aliases.ts";
import { exportRules } from "../../adapters/local/export/earlier-export.ts";
import { settingsWith } from "../night/shop.ts";
import { temporaryFolder } from "../temporary.ts";
import { problemOf } from "./local/export/shop.ts";

const folder = temporaryFolder();
const settings = (itemAlias?: string) => settingsWith({ ...(itemAlias ? { itemAlias } : {}) });

async function read(text: string | Buffer) {
  const path = join(folder, "aliases.csv");
  writeFileSync(path, text);
  return (await openItemAliases(settings(path)))!;
}

describe("the old ids of items", () => {
  it.each([
    ["two columns", "a,b\n"],
    ["a header", "old,new\r\na,b\r\n"],
    ["a header the other way round", "New;Old\nb;a\n"],
    ["quotes, and blank lines", '\ufeff"a","b"\n\na,b\n'],
  ])("are read from %s", async (_, text) => {
    expect([...(await read(text)).newIds]).toEqual([["a", "b"]]);
  });

  it("are followed to the last one", async () => {
    const { newIds } = await read("a,b\nc,d\nb,c\nsame,same\n");
    expect(Object.fromEntries(newIds)).toEqual({ a: "d", b: "d", c: "d" });
  });

  it.each([
    ["a,b\nb,c\nc,a\n", '"a" → "b" → "c" → "a" is a circle'],
    ["a,b\na,c\n", 'line 2 calls "a" "c", and an earlier one "b"'],
    ["a,b\nc\n", "line 2 is no pair of ids: c"],
    ["a, \n", "line 1 is no pair of ids"],
    [`a,${"é".repeat(129)}\n`, "line 1 is no pair of ids"],
    [Buffer.from("a,\xe9\n", "latin1"), "it is not UTF-8"],
    [Array.from({ length: 100_001 }, (_, k) => `${k},x`).join("\n"), "more than 100000 lines"],
    ["x".repeat(4e6), "longer than 3 MiB"],
  ])("are refused in %.20s", async (text, why) => {
    expect(await problemOf(read(text))).toContain(why);
  });

  it("are refused where there is no file", async () => {
    expect(await problemOf(openItemAliases(settings(join(folder, "none"))))).toContain("no such file");
    expect(await openItemAliases(settings())).toBeUndefined();
  });

  it("decide by their content whether a day is read again", async () => {
    const rules = async (text: string) => exportRules(settings("elsewhere"), await read(text));
    expect(await rules("a,b\n")).toBe(await rules("a,b\n"));
    expect(await rules("a,b\n")).not.toBe(await rules("a,c\n"));
  });
});
