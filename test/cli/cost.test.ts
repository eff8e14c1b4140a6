import { describe, expect, it } from "vitest";
import type { Manifest } from "../../contracts/manifest.ts";
import { estimatedCost } from "../../cli/cost/night-cost.ts";
import { numbersOf } from "../../cli/cost/shop-numbers.ts";
import { settingsWith } from "../night/shop.ts";
import { temporaryFolder } from "../temporary.ts";
import { steamer } from "./steamer.ts";

const settings = settingsWith({ clusterMachine: "n1-standard-4", loadMachine: "n1-standard-1" });

/** A night of two hours on the cluster and three of loading, as its manifest tells of it. */
function night({
  bytesBilled,
  settings = {},
  secondsAhead = 0,
  isFilled = true,
}: {
  bytesBilled?: number;
  isFilled?: boolean;
  settings?: Record<string, unknown>;
  secondsAhead?: number;
}): Manifest {
  const stage = (from: string, to: string, metrics: Record<string, unknown> = {}) => ({
    state: "done" as const,
    attempt: 1,
    metrics,
    startedAt: `2026-11-22T${from}:00.000Z`,
    finishedAt: `2026-11-22T${to}:00.000Z`,
  });
  const exported = {
    days: [],
    inputs: [],
    rows: 0,
    interactions: 0,
    otherEvents: 0,
    rejected: {},
    rejectsFile: null,
  };
  const snapshot = { path: "p", bytes: 1, sha256: "0".repeat(64) };
  const datastore = { entities: 300_000, rejected: 0, deadLetters: null };
  return {
    format: 1,
    shop: "toys",
    run: "2026-11-21.1",
    lastDay: "2026-11-21",
    state: "done",
    startedAt: "2026-11-22T01:00:00.000Z",
    lease: { owner: "", expiresAt: "" },
    versions: {},
    warnings: [],
    settings,
    stages: {
      export: stage("01:00", "01:10", { ...exported, ...(bytesBilled === undefined ? {} : { bytesBilled }) }),
      similarity: stage("01:10", "03:10"),
      load: stage("03:10", "06:10", {
        snapshot,
        items: 300_000,
        ...(isFilled ? { datastore } : {}),
        ahead: { users: 1000, seconds: secondsAhead },
      }),
      publish: stage("06:10", "06:11"),
    },
  };
}

describe("the estimated cost of a night", () => {
  it("is a thirtieth of the month's for the article's shop, with a thousand lists computed ahead", () => {
    const perMonth = 17.05 + 42.39 + 12.72 + 7.56 + 0.03;
    expect(estimatedCost(night({ bytesBilled: 100e9 }), settings)).toBeCloseTo(perMonth / 30, 2);
  });

  it("has no cluster in it when BigQuery computed the similarities, and no workers when Datastore was not filled", () => {
    const cost = (change: Parameters<typeof night>[0]) =>
      estimatedCost(night({ bytesBilled: 100e9, ...change }), settings)!;
    expect(cost({}) - cost({ settings: { engine: "bigquery" } })).toBeCloseTo(42.39 / 30, 2);
    expect(cost({}) - cost({ isFilled: false })).toBeCloseTo((12.72 + 7.56) / 30, 2);
  });

  it("has no workers in it while lists are computed ahead", () => {
    const cost = (secondsAhead: number) => estimatedCost(night({ bytesBilled: 1, secondsAhead }), settings)!;
    // Three hours of loading, of which half an hour went to lists.
    expect(cost(0) - cost(1800)).toBeCloseTo(12.72 / 30 / 6, 2);
  });

  it("is none on one's own machine, and unknown for machines without a price", () => {
    expect(estimatedCost(night({}), settings)).toBeNull();
    const others = { ...settings, clusterMachine: "c3-standard-4" };
    expect(estimatedCost(night({ bytesBilled: 1 }), others)).toBeNull();
  });
});

describe("steamer cost", () => {
  it("takes the machines of the settings, and else the article's", async () => {
    const folder = temporaryFolder();
    const cluster = async (...args: string[]) =>
      (await steamer(folder, "cost", ...args)).stdout.match(/^ *Dataproc .*$/m)![0];
    expect(await cluster()).toContain("3 n1-standard-4 for 2 h a night");
    const larger = [
      "--cluster-machine",
      "n2-highmem-8",
      "--cluster-workers",
      "4",
      "--cluster-spot-workers",
      "5",
    ];
    expect(await cluster(...larger)).toContain("7 n2-highmem-8 for 2 h a night");
  });
});

describe("a shop's numbers", () => {
  it("are the means of its finished nights on Google Cloud", () => {
    const runs = [night({}), night({ bytesBilled: 50e9 }), night({ bytesBilled: 150e9 })];
    const failed: Manifest = { ...night({ bytesBilled: 900e9 }), state: "failed" };
    expect(
      numbersOf([...runs, failed], settings, settingsWith({ shop: "toys", shops: ["toys", "cars"] })),
    ).toEqual({
      scanned: 100,
      clusterMachine: "n1-standard-4",
      machines: 3,
      clusterHours: 2,
      loadMachine: "n1-standard-1",
      workers: 2,
      loadHours: 3,
      entities: 300_000,
      ahead: 1000,
      shops: 2,
    });
  });

  it("cannot be told before its first night there", () => {
    expect(() => numbersOf([night({})], settings, settingsWith())).toThrow(
      "it has had no night on Google Cloud yet",
    );
  });
});
