import { array, assert, asyncProperty, constantFrom, nat } from "fast-check";
import { describe, expect, it } from "vitest";
import { wholeLines } from "../../../../../adapters/local/export/files/whole-lines.ts";

async function read(text: string, { chunk = 100, isJson = false } = {}) {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  const all = { text: "", lines: 0, filled: 0, ends: new Set<string>() };
  for await (const each of wholeLines(chunks(), isJson)) {
    all.text += each.bytes.toString();
    all.lines += each.lines;
    all.filled += each.filled;
    all.ends.add(each.ends);
  }
  return { ...all, ends: [...all.ends].join() };
}

describe("a text as whole lines", () => {
  it.each([
    ["", "", 0, 0, ""],
    ["a\nb", "a\nb\n", 2, 2, "lf"],
    ["a\n\n\nb\n", "a\n\n\nb\n", 4, 2, "lf"],
    ["a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n", 3, 2, "crlf"],
    ["a\r\nb\n", "a\nb\n", 2, 2, "lf"],
    ["a\rb\n", "a\nb\n", 2, 2, "lf"],
    ["\ufeffa\n", "a\n", 1, 1, "lf"],
    ["a\n \t\n", "a\n \t\n", 2, 2, "lf"],
  ])("is counted, and its line ends agree: %j", async (text, expected, lines, filled, ends) => {
    expect(await read(text)).toEqual({ text: expected, lines, filled, ends });
  });

  it("of JSON has no row in a blank line", async () => {
    expect(await read("{}\n \t\n\f\n\v\n", { isJson: true })).toMatchObject({ lines: 4, filled: 1 });
  });

  it("does not depend on where it is cut", async () => {
    const text = array(constantFrom("a", "bc", "\n", "é")).map((parts) => parts.join(""));
    const ends = constantFrom("\n", "\r\n", "\r");
    await assert(
      asyncProperty(text, ends, nat(5), async (whole, end, k) => {
        const given = whole.replaceAll("\n", end);
        const [cut, uncut] = [await read(given, { chunk: k + 1 }), await read(given, { chunk: 1000 })];
        expect(cut.text.replaceAll("\r\n", "\n")).toBe(uncut.text.replaceAll("\r\n", "\n"));
        expect([cut.lines, cut.filled]).toEqual([uncut.lines, uncut.filled]);
      }),
      { seed: 1 },
    );
  });
});
