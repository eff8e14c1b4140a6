import { array, assert, constantFrom, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { LineCounter } from "../../../../../adapters/local/export/files/line-counter.ts";

function count(text: string, chunk: number) {
  const counter = new LineCounter();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunk) counter.add(bytes.subarray(at, at + chunk));
  return counter.end();
}

describe("counting lines", () => {
  it.each([
    ["", 0, "lf"],
    ["a\nb", 2, "lf"],
    ["a\n\n\nb\n", 2, "lf"],
    ["a\r\n\r\nb\r\n", 2, "crlf"],
    ["a\r\nb\n", 2, "mixed"],
    ["a\rb\n", 1, "mixed"],
  ])("leaves blank ones out and tells the line ends apart: %j", (text, lines, lineEnds) => {
    expect(count(text, 100)).toEqual({ lines, lineEnds });
  });

  it("does not depend on where the text is cut", () => {
    const text = array(constantFrom("a", "bc", "\n", "\r\n", "\r", "é")).map((parts) => parts.join(""));
    assert(
      property(text, nat(5), (whole, k) => {
        expect(count(whole, k + 1)).toEqual(count(whole, 1000));
      }),
      { seed: 1 },
    );
  });
});
