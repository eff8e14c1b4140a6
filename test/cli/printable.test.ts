import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { proposal } from "../../contracts/column-names.ts";
import { printable, printableJson, printableLine } from "../../contracts/printable.ts";
import { Problem } from "../../contracts/problem.ts";
import { shellWord } from "../../contracts/shell-word.ts";

const RED = "\u001b[31m";

it("shows what a terminal would obey, in the text of lines and in one line", () => {
  expect(printable(`a${RED}b\r\u009b2J\u202egnp\nnext\tcell`)).toBe(
    String.raw`a\x1b[31mb\x0d\x9b2J\u202egnp` + "\nnext\tcell",
  );
  expect(printableLine("forged\nline")).toBe(String.raw`forged\x0aline`);
  expect(printable("Käse 🧀, 東京")).toBe("Käse 🧀, 東京");
});

it("keeps JSON what it is", () => {
  const value = { item: `${RED}\u009b\u202e\n`, n: 1 };
  expect(printableJson(value, 2)).not.toMatch(/[^\n\u0020-\u007e]/);
  expect(JSON.parse(printableJson(value, 2))).toEqual(value);
});

it("makes problems printable, whoever wrote their words", () => {
  const { message, why } = new Problem({ doing: "Reading \u0007.csv", why: `no ${RED}`, next: "\u009bJ" });
  expect(message).toBe(String.raw`Reading \x07.csv: no \x1b[31m` + "\n" + String.raw`  Next: \x9bJ`);
  expect(why).toBe(String.raw`no \x1b[31m`);
});

it("gives a shell each text as one word that means itself", () => {
  for (const text of [
    "plain",
    "a b",
    "$(rm -rf .)",
    "`id`",
    "it's",
    '"q"',
    "a;b|c&d>e",
    "*",
    "~",
    "",
    "!x",
  ]) {
    const said = execFileSync("sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" });
    expect(said).toBe(text);
  }
});

it("proposes a command that is harmless to paste", () => {
  const user = "$(touch pwned) user's";
  const command = `printf %s ${proposal([user, "sku", "day"], {}, "user")}`;
  const said = execFileSync("sh", ["-c", command], { encoding: "utf8" });
  expect(said).toBe(`--mapuser=${user},item=sku,time=day`);
});
