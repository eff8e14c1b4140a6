import { describe, expect, it } from "vitest";
import { ARTICLE_SHOP, type CostLine, type ShopNumbers } from "../../../cli/cost/lines.ts";
import { monthlyCost } from "../../../cli/cost/monthly.ts";
import { machineOf } from "../../../cli/cost/machine.ts";
import { PRICES } from "../../../cli/cost/prices.ts";

const total = (lines: CostLine[], way: "datastore" | "snapshot" | "snapshotOnly") =>
  lines.reduce((sum, line) => sum + line[way], 0);
const cents = (lines: CostLine[]) => lines.map(({ datastore }) => Number(datastore.toFixed(2)));

describe("a month on Google Cloud", () => {
  it("cost the article's shop the article's $214 at the prices of 2018", () => {
    const lines = monthlyCost(ARTICLE_SHOP, PRICES["2018"]);
    // The article: 15 + 36 + 9 + "around 16" + 90 + "just $1" + 46.8 + 1.
    expect(cents(lines)).toEqual([15, 36, 8.55, 16.2, 0, 90, 0.9, 46.8, 1]);
    expect(Math.floor(total(lines, "datastore"))).toBe(214);
    // "Costs would probably be much less then $100" with a file in each instance's memory.
    expect(total(lines, "snapshotOnly")).toBeLessThan(100);
  });

  it("costs it less today, and most of what is left of reads goes with the snapshot", () => {
    const lines = monthlyCost(ARTICLE_SHOP, PRICES["2026"]);
    expect(cents(lines)).toEqual([17.05, 42.39, 12.72, 7.56, 0.84, 44.55, 0.6, 57.02, 1]);
    expect(total(lines, "datastore") - total(lines, "snapshot")).toBeCloseTo(44.55, 2);
  });

  it.each([
    [5, 224.55],
    [20, 899.55],
  ])("is ruled by reads when a request needs %d keys", (keys, dollars) => {
    const lines = monthlyCost({ ...ARTICLE_SHOP, keys }, PRICES["2026"]);
    expect(total(lines, "datastore") - total(lines, "snapshot")).toBeCloseTo(dollars, 2);
  });

  it("is never below zero for a shop within the free quotas", () => {
    const nothing = {
      scanned: 0,
      machines: 0,
      clusterHours: 0,
      workers: 0,
      loadHours: 0,
      entities: 10,
      requests: 10,
    };
    const lines = monthlyCost(
      { ...ARTICLE_SHOP, ...nothing, stored: 0.1, instances: 0 } as ShopNumbers,
      PRICES["2026"],
    );
    expect(cents(lines)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it("has the lists of users, where there are any: what is read, written and called, and the Personalizer", () => {
    const personal = { personalRequests: 1_000_000, lists: 200_000, ahead: 10_000, personalizers: 0.5 };
    const lines = monthlyCost({ ...ARTICLE_SHOP, ...personal }, PRICES["2026"]).slice(8, -1);
    // 30 million reads; 6 million lists of 3 reads, 3 writes and 2 deletes; 300,000 writes and
    // deletes; 12 million operations less the free one; 6 million calls; 360 hours.
    expect(cents(lines)).toEqual([9, 22.8, 0.3, 4.4, 17.55, 28.51]);
    expect(lines.at(-1)!.what).toBe("0.5 instances of the Personalizer of 1 vCPU and 2 GB, on average");
  });

  it("has reviews, where there are any: what stores, shows and scores them, and looks for them", () => {
    const reviews = { reviews: 100_000, reviewPages: 1_000_000, inferences: 0.5 };
    const lines = monthlyCost({ ...ARTICLE_SHOP, ...reviews }, PRICES["2026"]).slice(8, -1);
    // 3 million reviews of 10 reads and 8 writes; 360 million reads; 43,200 looks of 14 reads, and
    // 12 of the recommender's, which looks for ratings 1,296,000 times; 6 million operations less
    // the free one; a job; 3,043,200 calls; 360 hours.
    expect(cents(lines)).toEqual([30.6, 108, 0.73, 2, 0.1, 8.9, 51.84]);
    const requests = { ...ARTICLE_SHOP, ...reviews, personalRequests: 1_000_000 };
    expect(cents(monthlyCost(requests, PRICES["2026"])).at(-6)).toBe(9.73);
    expect(lines.at(-1)!.what).toBe("0.5 instances of the inference service of 2 vCPU and 2 GB, on average");
  });

  it("has a shop's part of instances that several shops share", () => {
    const personal = { instances: 2, personalizers: 1 };
    const cost = (shops: number) =>
      monthlyCost({ ...ARTICLE_SHOP, ...personal, shops }, PRICES["2026"]).filter(
        ({ service }) => service === "Cloud Run",
      );
    expect(cents(cost(4))).toEqual(cents(cost(1)).map((dollars) => Number((dollars / 4).toFixed(2))));
    expect(cost(4)[0].what).toContain("shared by 4 shops");
  });

  it("is not estimated with a machine whose price is not known", () => {
    expect(() => monthlyCost({ ...ARTICLE_SHOP, clusterMachine: "c3-standard-4" }, PRICES["2026"])).toThrow(
      "the price of c3-standard-4 is not known",
    );
  });
});

describe("machine types", () => {
  it.each([
    ["n1-standard-4", { cpus: 4, memoryGb: 15 }],
    ["n2-standard-4", { cpus: 4, memoryGb: 16 }],
    ["n2-highmem-8", { cpus: 8, memoryGb: 64 }],
    ["n1-standard", null],
    ["e2-micro", null],
  ])("%s has %j", (type, machine) => {
    expect(machineOf(type)).toEqual(machine);
  });
});
