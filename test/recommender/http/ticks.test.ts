import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

/**
 * Compiles process.nextTick eight times, each time followed by full collections, and prints how
 * often these threw the machine code away. The syntax is V8's own, for tests.
 */
const ROUNDS = `
  const OPTIMIZED = 16;
  const isOptimized = () => (%GetOptimizationStatus(process.nextTick) & OPTIMIZED) !== 0;
  const turn = () => new Promise((done) => setTimeout(done, 0));
  const collect = () => gc({ type: "major", execution: "sync" });
  let compiled = 0;
  let lost = 0;
  for (let round = 0; round < 8; round++) {
    %PrepareFunctionForOptimization(process.nextTick);
    for (let k = 0; k < 50; k++) process.nextTick(() => {}, null);
    await turn();
    %OptimizeFunctionOnNextCall(process.nextTick);
    process.nextTick(() => {}, null);
    await turn();
    if (!isOptimized()) continue;
    compiled++;
    collect();
    await turn();
    collect();
    if (!isOptimized()) lost++;
  }
  console.log(JSON.stringify({ compiled, lost }));
`;
const TICKS = JSON.stringify(new URL("../../../recommender/http/ticks.ts", import.meta.url).href);

async function roundsAfter(start: string): Promise<{ compiled: number; lost: number }> {
  const flags = ["--expose-gc", "--allow-natives-syntax", "--input-type=module", "--eval"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, start + ROUNDS]);
  return JSON.parse(stdout) as { compiled: number; lost: number };
}

describe("process.nextTick", () => {
  it("stays compiled through full collections once it is kept fast, and does not by itself", async () => {
    const kept = await roundsAfter(`(await import(${TICKS})).keepTicksFast();`);
    expect(kept.compiled).toBeGreaterThan(0);
    expect(kept.lost).toBe(0);
    // Else nobody needs to keep it fast any more.
    expect((await roundsAfter("")).lost).toBeGreaterThan(0);
  });
});
