import { describe, expect, it } from "vitest";
import { longestPauses, Retries } from "../../day/retries.ts";

/** Retries that never sleep, and what they would have slept and called. */
function retries(most: number, random = 1) {
  const slept: number[] = [];
  const seen = { calls: 0, retries: 0 };
  const tries = new Retries({ most, random: () => random, sleep: async (ms) => void slept.push(ms) });
  const call = (outcome: (call: number) => Promise<string>, mayPass = () => true) =>
    tries.run(
      () => outcome(++seen.calls),
      mayPass,
      () => void seen.retries++,
    );
  return { slept, seen, call };
}
const down = () => Promise.reject(new Error("down"));

describe("a failed call", () => {
  it("is tried again after pauses whose bound doubles", async () => {
    const { call, slept, seen } = retries(6);
    await expect(call(down)).rejects.toThrow("down");
    expect(slept).toEqual([100, 200, 400, 800, 1600, 2000]);
    expect(seen).toEqual({ calls: 7, retries: 6 });
    expect(longestPauses(6)).toBe(5100);
    const half = retries(2, 0.5);
    await expect(half.call(down)).rejects.toThrow("down");
    expect(half.slept).toEqual([50, 100]);
  });

  it("is not tried again after it has succeeded, or when another try would not help", async () => {
    const { call, seen } = retries(3);
    expect(await call((k) => (k < 2 ? down() : Promise.resolve("up")))).toBe("up");
    expect(seen.calls).toBe(2);
    await expect(call(down, () => false)).rejects.toThrow("down");
    expect(seen.calls).toBe(3);
  });

  it("is tried again within a budget: a tenth of the calls, when all fail", async () => {
    const { call, seen } = retries(5);
    for (let k = 0; k < 200; k++) await expect(call(down)).rejects.toThrow("down");
    // Ten were saved up before.
    expect(seen.retries).toBeGreaterThanOrEqual(10 + 18);
    expect(seen.retries).toBeLessThanOrEqual(10 + 20);
  });
});
