import { describe, expect, it } from "vitest";
import { codeRows, neighbours, type Row } from "../../../core/library.ts";
import { keepProbabilities, oversampling, sampleEntries } from "../../../core/ratings/dimsum.ts";
import { entryHash, murmur3 } from "../../../core/text/hash.ts";
import { countPairs, type Ratings } from "../../../core/ratings/ratings.ts";
import { hashes } from "../../golden.ts";

describe("hashes", () => {
  it.each(hashes.ids)("murmur3 of $id is $murmur3", ({ id, murmur3: expected }) => {
    expect(murmur3(id)).toBe(expected);
  });

  it.each(hashes.entries)("the entry ($seed, $user, $item) has hash $hash", ({ seed, user, item, hash }) => {
    expect(entryHash(seed, murmur3(user), murmur3(item))).toBe(hash);
  });
});

/** Two popular items that 60 users share, 40 more users of each, and some company. */
const rows: Row[] = [
  ...users(0, 100).map((user) => ({ user, item: "tent", event: "purchase" as const })),
  ...users(40, 140).map((user) => ({ user, item: "stove", event: "add_to_cart" as const })),
  ...users(0, 140).map((user) => ({ user, item: `own-${user}`, event: "view_item" as const })),
];

function users(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, k) => `user-${from + k}`);
}

function coded(vectors: "binary" | "weighted") {
  const { ids, users, ratings } = codeRows(rows, {
    vectors,
    eventWeights: { view_item: 0.5, add_to_cart: 2, purchase: 6 },
  });
  const item = Uint32Array.from(ids, murmur3);
  return { ids, ratings, hashes: { user: Uint32Array.from(users, murmur3), item } };
}

/** The estimate of dot(i, j): the sum of a_ui a_uj / (p_i p_j) over the kept entries. */
function estimateDot(sample: { ratings: Ratings; probability: Float64Array }, i: number, j: number): number {
  const { rowStart, item, value, users } = sample.ratings;
  let dot = 0;
  for (let u = 0; u < users; u++) {
    const row = Array.from({ length: rowStart[u + 1] - rowStart[u] }, (_, k) => rowStart[u] + k);
    const entryOf = (wanted: number) => row.find((e) => item[e] === wanted);
    const [a, b] = [entryOf(i), entryOf(j)];
    if (a !== undefined && b !== undefined) dot += (value?.[a] ?? 1) * (value?.[b] ?? 1);
  }
  return dot / (sample.probability[i] * sample.probability[j]);
}

describe.each(["binary", "weighted"] as const)("the estimate of dot, %s", (vectors) => {
  it("has over seeds the mean and the variance that the formula gives", () => {
    const { ids, ratings, hashes } = coded(vectors);
    const [i, j] = [ids.indexOf("stove"), ids.indexOf("tent")];
    const gamma = vectors === "binary" ? 16 : 500;
    const [p, q] = [i, j].map((item) => keepProbabilities(ratings, gamma)[item]);
    // Entries are kept independently, so each common user adds (a b)^2 (1/(p q) - 1).
    const product = vectors === "binary" ? 1 : 2 * 6;
    const exact = 60 * product;
    const variance = 60 * product ** 2 * (1 / (p * q) - 1);

    const seeds = 4000;
    const estimates = Array.from({ length: seeds }, (_, seed) =>
      estimateDot(sampleEntries(ratings, hashes, gamma, seed), i, j),
    );
    const mean = estimates.reduce((a, b) => a + b) / seeds;
    const spread = estimates.reduce((sum, x) => sum + (x - exact) ** 2, 0) / seeds;
    // Seeds are fixed, so this cannot flicker: five standard errors of the mean, and a tenth of the
    // variance.
    expect(Math.abs(mean - exact)).toBeLessThan(5 * Math.sqrt(variance / seeds));
    expect(Math.abs(spread / variance - 1)).toBeLessThan(0.1);
  });
});

describe("sampling", () => {
  const { ratings, hashes } = coded("binary");

  it("keeps everything when gamma is large", () => {
    expect(sampleEntries(ratings, hashes, 1e9, 1).ratings.item).toEqual(ratings.item);
  });

  it("keeps the same entries for the same seed, and others for another", () => {
    const kept = (seed: number) => sampleEntries(ratings, hashes, 16, seed).ratings;
    expect(kept(7)).toEqual(kept(7));
    expect(kept(7)).not.toEqual(kept(8));
  });

  it("emits fewer pairs as the threshold grows", () => {
    const pairs = [0.1, 0.2, 0.4, 0.8].map((threshold) => {
      const gamma = oversampling(ratings.items, { threshold }) / 20;
      return countPairs(sampleEntries(ratings, hashes, gamma, 3).ratings);
    });
    expect(pairs).toEqual([...pairs].sort((a, b) => b - a));
    expect(pairs[3]).toBeLessThan(pairs[0] / 2);
  });

  it("takes gamma from the threshold as MLlib does, unless it is given", () => {
    expect(oversampling(4, { threshold: 0.1 })).toBeCloseTo(138.63, 2);
    expect(oversampling(4, { threshold: 0.1, gamma: 7 })).toBe(7);
  });

  it("shrinks by the kept count, and does not clip the estimate", () => {
    const score = (seed: number, shrinkage: number) =>
      neighbours(rows, { mode: "dimsum", gamma: 4, seed, shrinkage })
        .neighboursOf("tent")
        .find(({ item }) => item === "stove")?.score ?? 0;
    const seeds = Array.from({ length: 60 }, (_, seed) => seed);
    const plain = seeds.map((seed) => score(seed, 0));
    const kept = plain.map((s) => Math.round((s * 100) / 25));
    expect(Math.max(...plain)).toBeGreaterThan(1);
    seeds.forEach((seed, k) =>
      expect(score(seed, 5)).toBeCloseTo((plain[k] * kept[k]) / (kept[k] + 5 || 1), 5),
    );
  });
});
