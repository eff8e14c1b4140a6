import { describe, expect, it } from "vitest";
import type { TuningTrial } from "../../../contracts/tuning.ts";
import type { TestUser } from "../../../core/evaluation/quality.ts";
import { importanceOf } from "../../../core/tuning/importance.ts";
import type { Point, Space } from "../../../core/tuning/space.ts";
import { search } from "../../../core/tuning/study.ts";

const SPACE: Space = {
  method: { kind: "choice", values: ["good", "bad"] },
  x: { kind: "number", low: 0, high: 1 },
  nothing: { kind: "number", low: 0, high: 1 },
};
const USERS = Array.from({ length: 2000 }, (_, row) => ({ row }) as TestUser);

/** Users differ a lot; a point moves all of them alike. */
const valueOf = ({ method, x }: Point, { row }: TestUser) =>
  ((row * 7919) % 1000) / 1000 + (method === "good" ? 0.3 : 0) - ((x as number) - 0.3) ** 2;

async function run(known: TuningTrial[] = [], seed = 1, trials = 60) {
  const asked: number[] = [];
  let all: readonly TuningTrial[] = [];
  const best = await search({
    ...{ space: SPACE, present: { method: "bad", x: 0.9, nothing: 0.5 }, users: USERS, trials, seed, known },
    measure: async (point, users) => {
      asked.push(users.length);
      return Float64Array.from(users, (user) => valueOf(point, user));
    },
    onTrial: async (trials) => void (all = [...trials]),
  });
  return { best, asked, trials: all };
}

describe("a study", () => {
  it("begins with the present settings and finds better ones", async () => {
    const { best, trials } = await run();
    expect(trials[0]!.point).toEqual({ method: "bad", x: 0.9, nothing: 0.5 });
    expect(best.point["method"]).toBe("good");
    expect(best.point["x"]).toBeCloseTo(0.3, 1);
  });

  it("asks a sample first, and all users only where that is promising", async () => {
    const { asked, trials } = await run();
    expect(asked.filter((users) => users === 500).length).toBe(60);
    expect(asked.filter((users) => users === 2000).length).toBe(trials.filter(({ isFull }) => isFull).length);
    expect(trials.filter(({ isFull }) => isFull).length).toBeLessThan(30);
  });

  it("values what it asked a sample of as if all had been asked", async () => {
    const { trials } = await run();
    for (const { point, value } of trials) {
      const mean = USERS.reduce((sum, user) => sum + valueOf(point, user), 0) / USERS.length;
      expect(value).toBeCloseTo(mean, 9);
    }
  });

  it("goes on from the trials of an earlier time", async () => {
    const { trials } = await run([], 1, 20);
    const later = await run([...trials], 2, 40);
    expect(later.trials.slice(0, 20)).toEqual(trials);
    expect(later.asked.length).toBeGreaterThan(20);
    expect((await run([...trials], 3, 40)).trials[25]).not.toEqual(later.trials[25]);
  });

  it("tells which knobs decide", async () => {
    const { trials } = await run();
    const { method, x, nothing } = importanceOf(SPACE, trials);
    expect(method! + x! + nothing!).toBeCloseTo(1);
    expect(method).toBeGreaterThan(nothing!);
    expect(x).toBeGreaterThan(nothing!);
    expect(nothing).toBeLessThan(0.1);
  });
});
