import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDuckDB, query } from "../../../adapters/local/duckdb.ts";
import { evaluateEvents, type EvaluationRequest } from "../../../adapters/local/evaluate/evaluate-events.ts";
import type { Evaluation } from "../../../adapters/local/evaluate/evaluate-split.ts";
import { readSettings } from "../../../adapters/settings.ts";
import { temporaryFolder } from "../../temporary.ts";

const folder = temporaryFolder();

interface Row {
  user: string;
  item: string;
  event: string;
  day: string;
}

/**
 * A shop whose events have days alone: most last orders have several items, and most scores are
 * shared. The same every time.
 */
function shopOfDays(): Row[] {
  let state = 7;
  const below = (n: number) => Math.floor(((state = (state * 48271) % 2147483647) / 2147483647) * n);
  return Array.from({ length: 1500 }, () => {
    const family = below(4);
    const user = `user-${family + 4 * below(30)}`;
    const item = `item-${family + 4 * Math.min(below(50), below(50))}`;
    return { user, item, event: ["view", "cart", "buy"][below(3)], day: `2026-11-${10 + below(9)}` };
  });
}

function fileOf(rows: Row[], place = mkdtempSync(join(folder, "events-"))): string {
  const lines = rows.map(({ user, item, event, day }) => `${user},${item},${event},${day}`);
  writeFileSync(join(place, "events.csv"), ["user,item,event,time", ...lines, ""].join("\n"));
  return join(place, "events.csv");
}

const FACTORS = { "als.factors": "4", "als.iterations": "3" };

type Asked = Partial<EvaluationRequest> & { flags?: Record<string, unknown> };

async function evaluate(events: string, { flags = {}, ...asked }: Asked = {}): Promise<Evaluation> {
  const own = { events: [events], threads: "1", "als.factors": "0", ...flags };
  const settings = readSettings({ flags: own });
  const request = {
    settings,
    days: "all",
    holdout: { kind: "last-purchase" },
    scenario: "similar",
    ties: "hash",
    ...asked,
  } as const;
  return evaluateEvents(request, { progress: () => {}, signal: new AbortController().signal });
}

/** Other names in another order. */
const renamed = (rows: Row[]): Row[] =>
  rows.map(({ user, item, ...rest }) => ({
    user: `${user.length % 2 ? "z" : "a"}${[...user].reverse().join("")}`,
    item: `${(Number(item.slice(5)) * 37) % 211}`,
    ...rest,
  }));

describe("an evaluation", () => {
  const rows = shopOfDays();

  it("is not touched by programs that follow the sitemap, as they are left out", async () => {
    const crawl = (robot: number): Row[] =>
      Array.from({ length: 150 }, (_, k) => {
        const item = `item-${(40 * robot + k) % 200}`;
        return { user: `robot-${robot}`, item, event: "view", day: `2026-11-${10 + robot}` };
      });
    const crawled = fileOf([...rows, ...[0, 1, 2, 3, 4].flatMap(crawl)]);
    const quiet = await evaluate(fileOf(rows));
    const { results, users, training } = await evaluate(crawled);
    expect({ results, users, training }).toEqual({
      results: quiet.results,
      users: quiet.users,
      training: quiet.training,
    });
    const disturbed = await evaluate(crawled, { flags: { robotItems: "0" } });
    expect(disturbed.results).not.toEqual(quiet.results);
  });

  it.each<[string, Asked]>([
    ["the last order", { flags: FACTORS, details: true }],
    ["days", { holdout: { kind: "days", days: 2 } }],
    ["the last order, with capped histories", { flags: { cap: "4" } }],
    ["the last order, sampled", { flags: { mode: "dimsum", gamma: "3" } }],
  ])("does not depend on names: it holds out %s", async (_, asked) => {
    const result = await evaluate(fileOf(rows), asked);
    expect(Math.max(...result.results.map(({ tied10 }) => tied10))).toBeGreaterThan(0);
    expect(await evaluate(fileOf(renamed(rows)), asked)).toEqual(result);
  });

  it("holds out all that a user bought in their last order, and counts what it trains on", async () => {
    const events: Row[] = [
      ["ann", "tea", "view", "2026-11-10"],
      ["ann", "cup", "buy", "2026-11-10"],
      ["ann", "tea", "buy", "2026-11-12"],
      ["ann", "pot", "buy", "2026-11-12"],
      ["bob", "cup", "view", "2026-11-10"],
      ["bob", "cup", "view", "2026-11-10"],
      ["bob", "tea", "view", "2026-11-11"],
      ["cleo", "tea", "buy", "2026-11-11"],
    ].map(([user, item, event, day]) => ({ user, item, event, day }) as Row);
    const { users, items, interactions, training, test } = await evaluate(fileOf(events));
    // ann's view of tea would give the answer away; cleo has nothing else.
    expect({ users, items, interactions }).toEqual({ users: 1, items: 2, interactions: 3 });
    expect(training).toEqual({ users: 2, firstDay: "2026-11-10", lastDay: "2026-11-11" });
    expect(test).toEqual({
      rows: 3,
      unknownUsers: 1,
      hadBefore: 0,
      canBeHit: 1,
      severalInLastOrder: 1,
    });
  });

  it("gives the same figures for a split by days and by a file", async () => {
    const others = [
      { user: "new", item: rows[0].item, event: "buy", day: "2026-11-18" },
      { ...rows[0], event: "buy", day: "2026-11-18" },
    ];
    const all = [...rows, ...others];
    const isLast = ({ day }: Row) => day === "2026-11-18";
    const place = mkdtempSync(join(folder, "split-"));
    const lines = all
      .filter((row) => isLast(row) && row.event === "buy")
      .map(({ user, item }) => `${user},${item}\n`);
    const file = join(place, "test.csv");
    writeFileSync(file, `user,item\n${lines.join("")}`);
    const byFile = await evaluate(fileOf(all.filter((row) => !isLast(row))), {
      holdout: { kind: "file", file },
    });
    const byDays = await evaluate(fileOf(all), { holdout: { kind: "days", days: 1 } });
    expect(byFile).toEqual({ ...byDays, window: { ...byDays.window, lastDay: "2026-11-17" } });
    expect(byDays.test.unknownUsers).toBe(1);
    expect(byDays.test.hadBefore).toBeGreaterThan(0);
  });

  it("exports ranks, of which a plain query makes the same figures", async () => {
    const place = join(folder, "ranks");
    const { results, interactions } = await evaluate(fileOf(rows), { exportRanks: place, flags: FACTORS });
    const db = await openDuckDB();
    try {
      await db.connection.run(`SET file_search_path = '${place}'`);
      const found = await query<Record<string, number | string>>(
        db.connection,
        readFileSync("docs/score-ranks.sql", "utf8"),
      );
      for (const { name, quality } of results) {
        const scored = found.find((row) => row["name"] === name)!;
        expect(scored["recall@10"]).toBeCloseTo(quality.recall10, 12);
        expect(scored["recall@20"]).toBeCloseTo(quality.recall20, 12);
        expect(scored["NDCG@10"]).toBeCloseTo(quality.ndcg10, 12);
        expect(scored["MRR@10"]).toBeCloseTo(quality.mrr10, 12);
      }
      const trained = await query(db.connection, "FROM 'training.csv'");
      expect(trained).toHaveLength(interactions);
    } finally {
      db.close();
    }
  });

  it("says so when nobody can be asked", async () => {
    const file = join(folder, "strangers.csv");
    writeFileSync(file, `user,item\nstranger,item-1\n${rows[0].user},${rows[0].item}\n`);
    await expect(evaluate(fileOf(rows), { holdout: { kind: "file", file } })).rejects.toThrow(
      /none of the test's 2 rows can be asked.*users of 1.*users of 1 had the item before/,
    );
  });
});

describe("robots", () => {
  const rows = shopOfDays();
  /** A crawler follows the sitemap on one day, page after page, four seconds apart. */
  const crawlers = Array.from({ length: 50 }, (_, k) =>
    Array.from({ length: 60 }, (_, page) => {
      const time = new Date(Date.UTC(2026, 10, 10 + (k % 9), k % 24) + 4000 * page).toISOString();
      return { user: `crawler-${k}`, item: `item-${(page + 7 * k) % 200}`, event: "view", day: time };
    }),
  ).flat();
  const recall = async (events: Row[], flags = {}) =>
    (await evaluate(fileOf(events), { flags })).results.find(({ name }) => name === "neighbours")!.quality
      .recall10;

  it("do not change what customers are recommended, unless they are kept", async () => {
    const without = await recall(rows);
    expect(await recall([...rows, ...crawlers])).toBe(without);
    expect(await recall([...rows, ...crawlers], { robotItems: "0" })).toBeLessThan(0.9 * without);
  });
});
