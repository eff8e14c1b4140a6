import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { textParts, type Cutting } from "../../../../../adapters/local/export/files/text-parts.ts";

/** The parts of 40 chunks of a megabyte. */
async function partsOf(chunkOf: (filler: string, k: number) => string, cutting: Partial<Cutting>) {
  const folder = mkdtempSync(join(tmpdir(), "steamer-parts-"));
  const filler = "x".repeat(1 << 20);
  async function* chunks() {
    for (let k = 0; k < 40; k++) yield Buffer.from(chunkOf(filler, k));
  }
  let copies = 0;
  const common = { original: "a.csv", isPlain: true, isJson: false, isWhole: false, skipped: 0 };
  const csv = { delimiter: ",", escape: '"' } as const;
  const copyPath = () => join(folder, String(copies++));
  const parts: [number, number][] = [];
  for await (const { linesBefore, filled } of textParts(chunks(), { ...common, csv, copyPath, ...cutting }))
    parts.push([linesBefore, filled]);
  rmSync(folder, { recursive: true });
  return parts;
}

describe("a large text", () => {
  const lines = (filler: string) => `1,${filler}\n`;
  it("is cut into parts of whole lines, unless rows depend on those above", async () => {
    const [first, second] = await partsOf(lines, {});
    expect(second).toEqual([first[1], 40 - first[1]]);
    expect(await partsOf(lines, { isWhole: true })).toEqual([[0, 40]]);
  });

  it("is not cut within quotes, also below a quote in the middle of a cell", async () => {
    const quoted = (filler: string, k: number) =>
      `${k === 0 ? '27" ""x,1' : 'end ""of"" it"'}\n2, "${filler}\n`;
    expect(await partsOf(quoted, {})).toEqual([[0, 80]]);
    const escaped = (filler: string, k: number) =>
      `${k === 0 ? "1" : String.raw`end \"of\" it\\"`}\n2,"${filler}\n`;
    const csv = { delimiter: ",", escape: "\\" } as const;
    expect(await partsOf(escaped, { csv })).toEqual([[0, 80]]);
  });
});
