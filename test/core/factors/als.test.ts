import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlsKnobs } from "../../../contracts/settings/als.ts";
import { trainFactors } from "../../../core/factors/als.ts";
import { alone } from "../../../core/factors/phases.ts";
import { createWorkspace, type SideName } from "../../../core/factors/workspace.ts";
import type { Ratings } from "../../../core/ratings/ratings.ts";
import { factorsCases, type FactorsCase } from "../../golden.ts";
import { plainAls, plainLoss, plainRow, type Dense } from "./plain.ts";

const KNOBS: AlsKnobs = {
  factors: 8,
  iterations: 5,
  regularization: 0.05,
  exponent: 1,
  unobserved: 0.2,
  eventWeights: { view_item: 0.5, add_to_cart: 2, purchase: 6 },
  seed: 1,
};

function ratingsOf(weights: Dense): Ratings {
  const entries = weights.map((row) => row.flatMap((v, item) => (v > 0 ? [{ item, v }] : [])));
  const rowStart = [0];
  for (const row of entries) rowStart.push(rowStart.at(-1)! + row.length);
  return {
    users: weights.length,
    items: weights[0].length,
    rowStart: Int32Array.from(rowStart),
    item: Int32Array.from(entries.flat(), ({ item }) => item),
    value: Float64Array.from(entries.flat(), ({ v }) => v),
  };
}

const train = (weights: Dense, knobs: Partial<AlsKnobs> = {}) => trainOn(ratingsOf(weights), knobs);

async function trainOn(ratings: Ratings, knobs: Partial<AlsKnobs> = {}) {
  const all = { ...KNOBS, ...knobs };
  const workspace = createWorkspace(ratings, all, 1);
  const losses: number[] = [];
  const hooks = { iteration: (_: number, loss: number) => void losses.push(loss) };
  const loss = await trainFactors(workspace, all, alone(workspace), hooks);
  const rowsOf = (name: SideName) => {
    const { rows, factors } = workspace[name];
    const all = new Float32Array(workspace.memory.buffer, factors, rows * workspace.stride);
    return Array.from({ length: rows }, (_, r) =>
      Array.from(all.subarray(r * workspace.stride, r * workspace.stride + workspace.factors)),
    );
  };
  return { loss, losses, users: rowsOf("users"), items: rowsOf("items"), knobs: all };
}

/** The golden rows, added up. */
function goldenWeights({ als, interactions }: FactorsCase): Dense {
  const [users, items] = [0, 1].map((column) => [...new Set(interactions.map((row) => row[column]))]);
  const weights = users.map(() => Array<number>(items.length).fill(0));
  for (const [user, item, event, count] of interactions)
    weights[users.indexOf(user)][items.indexOf(item)] += als.eventWeights[event] * count;
  return weights;
}

/** User u knows three items next to each other, around a circle. */
const circulant = (size: number): Dense =>
  Array.from({ length: size }, (_, u) =>
    Array.from({ length: size }, (_, i) => [2, 1, 4][(i - u + size) % size] ?? 0),
  );

const weights = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 40 }))
  .chain(([users, items]) => {
    const value = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 40 }));
    const row = fc.array(
      value.map((v) => v / 4),
      { minLength: items, maxLength: items },
    );
    return fc.array(row, { minLength: users, maxLength: users });
  });

describe("factors", () => {
  it("have the loss of the plain definition, which never grows", async () => {
    await fc.assert(
      fc.asyncProperty(
        weights,
        fc.constantFrom(1, 5, 8, 12),
        fc.constantFrom(0, 0.5, 1),
        async (weights, factors, exponent) => {
          const { loss, losses, users, items, knobs } = await train(weights, { factors, exponent });
          const expected = plainLoss(weights, users, items, knobs);
          expect(Math.abs(loss - expected)).toBeLessThanOrEqual(1e-4 * (1 + expected));
          losses.forEach(
            (now, k) => k > 0 && expect(now).toBeLessThanOrEqual(losses[k - 1] * (1 + 1e-5) + 1e-6),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it("of users solve the normal equations, however many items they know", async () => {
    await fc.assert(
      fc.asyncProperty(weights, async (weights) => {
        const { users, items, knobs } = await train(weights, { iterations: 2 });
        users.forEach((x, u) => {
          const expected = plainRow(weights[u], items, knobs);
          x.forEach((value, k) => expect(value).toBeCloseTo(expected[k], 3));
        });
      }),
      { numRuns: 60 },
    );
  });

  describe.each(factorsCases)("of the golden rows: $name", (golden) => {
    const { als, loss: lowest, ...counts } = golden;
    const weights = goldenWeights(golden);

    it("have as many users, items and entries", () => {
      const { users, items, item } = ratingsOf(weights);
      expect(counts).toMatchObject({ users, items, entries: item.length });
    });

    it("reach the golden loss, which is that of plain alternating least squares, from any seed", async () => {
      const start = weights.map((_, i) =>
        Array.from({ length: als.factors }, (_, k) => Math.sin(i * 17 + k * k)),
      );
      const best = plainAls(weights, start, als, 100);
      expect(plainLoss(weights, best.users, best.items, als)).toBeCloseTo(lowest, 8);
      for (const seed of [1, 2, 3]) {
        const { loss } = await train(weights, { ...als, seed });
        expect(Math.abs(loss / lowest - 1)).toBeLessThan(1e-4);
      }
    });
  });

  it("are the same for the same seed, and others for another", async () => {
    const [one, same, other] = await Promise.all([1, 1, 2].map((seed) => train(circulant(20), { seed })));
    expect(same.users).toEqual(one.users);
    expect(other.users).not.toEqual(one.users);
  });

  it("do not depend on the order of a user's items", async () => {
    const ratings = ratingsOf(circulant(20));
    const { rowStart, item, value } = ratings;
    const turned = { ...ratings, item: item.slice(), value: value!.slice() };
    for (let u = 0; u < 20; u++)
      for (const values of [turned.item, turned.value])
        values.subarray(rowStart[u], rowStart[u + 1]).reverse();
    expect((await trainOn(turned)).users).toEqual((await trainOn(ratings)).users);
    expect(item).not.toEqual(turned.item);
  });

  it("of a user or an item without an event are zeros", async () => {
    const { users, items } = await train([
      [1, 0, 2],
      [0, 0, 0],
    ]);
    expect(users[1]).toEqual(Array(8).fill(0));
    expect(items[1]).toEqual(Array(8).fill(0));
  });

  it("end with a reason when weights are beyond float32", async () => {
    await expect(
      train(
        [
          [1e39, 1],
          [1, 1],
        ],
        { factors: 8 },
      ),
    ).rejects.toThrow(/the loss went from/);
  });

  it("are refused when they need more than 4 GiB", () => {
    const ratings = { ...ratingsOf([[1]]), users: 5_000_000 };
    expect(() => createWorkspace(ratings, { ...KNOBS, factors: 512 }, 2)).toThrow(/take 9\.\d GiB/);
  });

  it("stop when they are cancelled", async () => {
    const workspace = createWorkspace(ratingsOf(circulant(12)), KNOBS, 1);
    const signal = AbortSignal.abort(new Error("cancelled by hand"));
    await expect(trainFactors(workspace, KNOBS, alone(workspace), { signal })).rejects.toThrow("by hand");
  });
});
