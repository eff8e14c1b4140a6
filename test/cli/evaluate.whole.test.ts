import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Evaluation } from "../../adapters/local/evaluate/evaluate-split.ts";
import type { Holdout } from "../../adapters/local/evaluate/split.ts";
import { temporaryFolder } from "../temporary.ts";
import { realData, smallShop, steamer } from "./steamer.ts";

const folder = temporaryFolder();
const events = realData("retail_rocket_events.csv.gz");
const test = realData("retail_rocket_test.csv");

async function evaluate(...args: string[]): Promise<Record<string, number[]>> {
  const { stdout, stderr } = await steamer(
    mkdtempSync(join(folder, "place-")),
    "evaluate",
    "--json",
    ...args,
  );
  if (!stdout) throw new Error(stderr);
  const { results } = JSON.parse(stdout) as Evaluation;
  const rounded = (value: number) => Math.round(value * 1e5) / 1e5;
  return Object.fromEntries(
    results.map(({ name, quality: { recall10, recall20, ndcg10, mrr10, coverage10 } }) => [
      name,
      [recall10, recall20, ndcg10, mrr10, coverage10].map(rounded),
    ]),
  );
}

/**
 * By another evaluator and library, which order ties by ids: recall@10, recall@20, NDCG@10, MRR@10,
 * coverage@10. The last is missing where candidates that tie to the last bit decide it.
 */
const UNIFORM = ["--query-weights", "uniform"];
const COSINE = ["--method", "cosine", "--half-life", "0"];
const CHECK_VALUES: [string[], number[]][] = [
  [
    [...COSINE, "--cap", "0", ...UNIFORM],
    [0.07636, 0.09338, 0.04872, 0.04015, 0.23545],
  ],
  [
    [...COSINE, ...UNIFORM],
    [0.08602, 0.10304, 0.05435, 0.04444, 0.24404],
  ],
  [COSINE, [0.07728, 0.09568, 0.04774, 0.03843, 0.25467]],
  [
    ["--half-life", "0", ...UNIFORM],
    [0.27507, 0.32659, 0.18285, 0.15424, 0.41491],
  ],
  [UNIFORM, [0.27369, 0.32383, 0.18536, 0.15789, 0.42903]],
  [[], [0.29577, 0.32889, 0.20597, 0.17803, 0.42735]],
  [
    ["--method", "ridge", "--co-counts", "500", ...UNIFORM],
    [0.28611, 0.33441, 0.19461, 0.16599, 0.35536],
  ],
  [
    ["--method", "ridge", "--co-counts", "500"],
    [0.31141, 0.34131, 0.21431, 0.18383],
  ],
];

describe.skipIf(!events || !test)("evaluate, on RetailRocket (skipped where that data is absent)", () => {
  it.each(CHECK_VALUES)("gives the check values for %j", async (options, expected) => {
    // The first visitor of this data is called 0.
    const asked = ["--events", events!, "--test", test!, "--als.factors", "0", "--ties", "ids"];
    asked.push("--missing-ids", "0=id");
    const results = await evaluate(...asked, ...options);
    expect(results["neighbours"].slice(0, expected.length)).toEqual(expected);
    expect(results["the article's"]).toEqual([0.04048, 0.0506, 0.0253, 0.02044, 0.25016]);
    expect(results["most popular"].slice(0, 4)).toEqual([0.0391, 0.04922, 0.02144, 0.01576]);
  });
});

/** NDCG@10: implicit's ALS, with event weights as confidence, reaches this. */
const ALS_OF_IMPLICIT = 0.056;

describe.skipIf(!events || !test)("factors, on RetailRocket (skipped where that data is absent)", () => {
  it("are better than another library's, and the blend is better than its parts", async () => {
    const { factors, both, neighbours } = await evaluate("--events", events!, "--test", test!);
    expect(factors[2]).toBeGreaterThan(ALS_OF_IMPLICIT);
    expect(both[2]).toBeGreaterThan(Math.max(factors[2], neighbours[2]));
  });

  it("blend well on the split that the default was chosen by", async () => {
    const { factors, both, neighbours } = await evaluate("--events", events!);
    expect(both[2]).toBeGreaterThan(Math.max(factors[2], neighbours[2]));
  });
});

describe("evaluate", () => {
  const file = join(folder, "events.csv");
  writeFileSync(file, smallShop("2026-11-21", 200));

  it.each(["last-purchase", "days=2"])("holds out %s", async (holdout) => {
    const results = await evaluate("--events", file, "--holdout", holdout);
    // A user's items lie in one of four families of nine: ours finds most of what popularity
    // cannot.
    expect(results["neighbours"][0]).toBeGreaterThan(0.7);
    expect(results["most popular"][0]).toBeLessThan(0.5);
  });

  it("refuses what it cannot hold out", async () => {
    await expect(evaluate("--events", file, "--holdout", "tomorrow")).rejects.toThrow(
      "choose last-purchase, days=<n> or both",
    );
    await expect(evaluate("--events", file, "--holdout", "days=7")).rejects.toThrow("Evaluating");
  });

  it("prints a table for people, and what was measured", async () => {
    const { stdout } = await steamer(folder, "evaluate", "--events", file);
    expect(stdout).toMatch(
      /recall@10 .*coverage@10\n.*\nneighbours .*\nfactors .*\nboth .*\nthe article's .*\nmost popular/,
    );
    expect(stdout).toMatch(/^Held out: each user's last order.*\nThere are too few days, or buyers/);
    expect(stdout).toMatch(/all days are read, 2026-11-15 to 2026-11-21; a night would read the last 30/);
    expect(stdout).toMatch(
      /test: \d+ rows, \d+ of them can be hit; .*\n±: the standard error; .*\nties: lists whose tenth item/,
    );
    expect(stdout).toMatch(/NDCG@10 of the same users .*\n.*\nfactors, over neighbours +[-+]\S+ +\S+\n/);
    expect(stdout).toMatch(/\nmost popular, over neighbours +-0.\d{5} +0.\d{5}\n/);
  });

  it("shows both splits, the one in time first, each with the figures that it has alone", async () => {
    // A month in which 60 customers do eight things each, no item twice.
    const weeks = join(folder, "weeks.csv");
    const rows = Array.from({ length: 480 }, (_, k) => {
      const [user, deed] = [k % 60, Math.floor(k / 60)];
      const day = new Date(Date.UTC(2026, 10, 1 + ((user + 5 * deed) % 30))).toISOString();
      return `user-${user},item-${4 * ((user + 7 * deed) % 40) + (user % 4)},${["view", "buy"][deed % 2]},${day}\n`;
    });
    writeFileSync(weeks, `user,item,event,time\n${rows.join("")}`);
    const run = async (...args: string[]) => {
      const asked = ["--events", weeks, "--als.factors", "0", ...args];
      const { stdout, stderr } = await steamer(folder, "evaluate", ...asked);
      if (!stdout) throw new Error(stderr);
      return stdout;
    };
    const both = JSON.parse(await run("--holdout", "both", "--json")) as (Evaluation & {
      holdout: Holdout;
    })[];
    const [inTime, lastOrder] = both;
    // Too few customers for seven days to be enough, and 28 are more than half of all.
    expect(inTime.holdout).toEqual({ kind: "days", days: 14 });
    const { holdout: _, ...figures } = inTime;
    expect(JSON.parse(await run("--holdout", "days=14", "--json"))).toEqual(figures);
    const { holdout, ...others } = lastOrder;
    expect(holdout).toEqual({ kind: "last-purchase" });
    expect(JSON.parse(await run("--json"))).toEqual(others);
    expect(await run()).toBe(await run("--holdout", "both"));
    expect(await run()).toMatch(
      /^Held out: the last \d+ days.*\n\n +recall@10 .*\n\nHeld out: each user's last order.*\n\n +recall@10/s,
    );
    await expect(run("--holdout", "both", "--export-ranks", "x")).rejects.toThrow("writes one test");
  });

  it("shows whom neighbours serve, and what lists are like", async () => {
    const asked = ["--events", file, "--als.factors", "0", "--details"];
    const { stdout } = await steamer(folder, "evaluate", ...asked);
    expect(stdout).toMatch(/\nneighbours: items in the history +users +targets .*\n.*\n3 to 9 +\d+ /);
    expect(stdout).toMatch(/\nneighbours: popularity of the target .*\n.*\nhead .*\n/);
    expect(stdout).toMatch(
      /\nthe first ten +novelty@10 +± +diversity@10 +±\n.*\nneighbours( +\d\.\d{5}){4}\n/,
    );
  });

  it("measures other settings on the same users, with the difference", async () => {
    const run = async (...args: string[]) => {
      const asked = ["--events", file, "--als.factors", "0", ...args];
      const { stdout, stderr } = await steamer(folder, "evaluate", "--json", ...asked);
      if (!stdout) throw new Error(stderr);
      return (JSON.parse(stdout) as Evaluation).results;
    };
    const settings = "similar.method=cosine,queryWeights=1,2,3,halfLife=0";
    const both = await run("--against", settings);
    const alone = await run("--method", "cosine", "--query-weights", "1,2,3", "--half-life", "0");
    expect(both.map(({ name }) => name)).toEqual(["neighbours", settings, "the article's", "most popular"]);
    expect(both[1].quality).toEqual(alone[0].quality);
    expect(both[1].gain!.over).toBe("neighbours");
    expect(both[1].gain!.mean).toBeCloseTo(alone[0].quality.ndcg10 - both[0].quality.ndcg10, 12);
    await expect(run("--against", "shop=b")).rejects.toThrow('"shop=b" sets nothing that neighbours');
    await expect(run("--against", "halfLife=10")).rejects.toThrow("the table similar recommends the same");
    await expect(run("--against", "top=no")).rejects.toThrow("Reading the setting --top");
  });
});
