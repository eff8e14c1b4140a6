import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findEventFiles } from "../../../../adapters/local/export/files/input-files.ts";
import { ReadAhead } from "../../../../adapters/local/export/last-day.ts";
import { problemOf, Shop } from "./shop.ts";

const HEADER = "user,item,event,time";
const row = (time: string, client = "ann") => `${client},tea,view,${time}`;
const view = (day: string) => ({
  event_date: day.replaceAll("-", ""),
  event_timestamp: `${Date.parse(`${day}T12:00:00Z`)}000`,
  event_name: "view_item",
  user_id: "ann",
  items: [{ item_id: "tea" }],
});

/** A shop with a CSV file a name, of rows at these times. */
function shopOf(files: Record<string, string[]>): Shop {
  const shop = new Shop();
  for (const [name, times] of Object.entries(files))
    shop.write(name, [HEADER, ...times.map((time) => row(time))]);
  return shop;
}

/** The last day as a night finds it before its export, which gets it then. */
async function nightOf(shop: Shop, days = 30) {
  const { files } = await findEventFiles(shop.request());
  const ahead = new ReadAhead();
  const hooks = { progress: () => {}, signal: new AbortController().signal };
  const openFolder = () => Promise.resolve(shop.temporary);
  const lastDay = await ahead.findLastDay(files, shop.request({ days }), openFolder, hooks);
  await ahead.close();
  const result = await shop.export({ days, lastDay: lastDay! });
  const alone = await shop.export({ days });
  expect(alone).toMatchObject({ lastDay, days: result.days });
  return result;
}

describe("dates in the names of files", () => {
  it("may be those of months, whose rows all count in the window", async () => {
    using shop = shopOf({
      "sales_20260401.csv": ["2026-04-01", "2026-04-25", "2026-04-30"],
      "sales_20260501.csv": ["2026-05-01", "2026-05-08", "2026-05-20"],
    });
    const { days, outsideWindow, warnings } = await nightOf(shop);
    expect(days).toEqual(["2026-04-25", "2026-04-30", "2026-05-01", "2026-05-08", "2026-05-20"]);
    expect(outsideWindow).toBe(1);
    expect(warnings).toContainEqual(expect.stringMatching(/sales_20260401.csv.*rows are of other days/));
  });

  it("may be those of the night that wrote them, a day later", async () => {
    using shop = shopOf({
      "sales_20260502.csv": ["2026-05-01"],
      "sales_20260503.csv": ["2026-05-02"],
      "sales_20260504.csv": ["2026-05-03"],
    });
    expect(await nightOf(shop, 2)).toMatchObject({ days: ["2026-05-02", "2026-05-03"], warnings: [] });
    const early = await shop.export({ days: 1, lastDay: "2026-05-02" });
    expect(early).toMatchObject({ days: ["2026-05-02"], interactions: 1 });
  });

  it("are not believed where files hold the days before, too: those left out are read after all", async () => {
    using shop = shopOf({
      "sales_20260502.csv": ["2026-04-29", "2026-05-02"],
      "sales_20260503.csv": ["2026-05-01", "2026-05-03"],
      "sales_20260504.csv": ["2026-04-30", "2026-05-04"],
    });
    expect(await nightOf(shop, 2)).toMatchObject({ rows: 6, days: ["2026-05-03", "2026-05-04"] });
  });

  it("may be a range, which is no day", async () => {
    using shop = shopOf({
      "sales_20260401_20260430.csv": ["2026-04-02", "2026-04-29"],
      "sales_20260501-20260502.csv": ["2026-05-01", "2026-05-02"],
    });
    expect(await nightOf(shop)).toMatchObject({ interactions: 3, outsideWindow: 1, warnings: [] });
  });

  it("are believed if the rows begin and end at another hour, or one has a wrong clock", async () => {
    const ofDay = (day: string, next: string) => [`${day}T07:00`, `${day}T20:00`, `${next}T05:00`];
    using shop = shopOf({
      "sales_20260501.csv": ofDay("2026-05-01", "2026-05-02"),
      "sales_20260502.csv": ofDay("2026-05-02", "2026-05-03"),
      "sales_20260503.csv": [
        ...ofDay("2026-05-03", "2026-05-04").flatMap((time) => Array(9).fill(time)),
        "2026-06-09",
      ],
    });
    const result = await nightOf(shop, 2);
    expect(result).toMatchObject({ days: ["2026-05-02", "2026-05-03"], lastDay: "2026-05-03" });
    expect(result.interactions).toBe(3 + 9 * 2 + 1);
  });

  it("are those of a whole table, in shards of bq extract or as a folder", async () => {
    using shop = new Shop();
    shop.write("events_20260501000000000000.json", [view("2026-05-01")]);
    shop.write("events_20260501000000000001.json", [view("2026-05-01")]);
    for (const day of ["20260502", "20260503"]) mkdirSync(shop.path(`events_${day}`));
    shop.write("events_20260502/part-000.json", [view("2026-05-02")]);
    shop.write("events_20260503/part-000.json", [view("2026-05-03")]);
    const { inputs } = await nightOf(shop, 2);
    expect(inputs.map(({ daily }) => daily?.day)).toEqual(["2026-05-02", "2026-05-03"]);
    expect((await nightOf(shop)).interactions).toBe(4);
  });
});

describe("what lies outside the window", () => {
  it("is counted, with the days that would read nearly all of it", async () => {
    using shop = shopOf({
      "sales.csv": ["2001-01-01", ...Array<string>(99).fill("2026-01-01"), "2026-05-01", "2026-05-02"],
    });
    const { outside } = await shop.export({ days: 1, lastDay: "2026-05-01" });
    expect(outside).toEqual({ before: 100, after: 1, unread: 0, days: 121 });
    expect((await shop.export({ days: 122 })).outside).toMatchObject({ before: 1, after: 0 });
    expect((await shop.export({ days: "all" })).outside).toEqual({ before: 0, after: 0, unread: 0 });
  });

  it("may be daily files that are not even read", async () => {
    const names = ["20260501", "20260502", "20260503"];
    const files = names.map((day) => [`sales_${day}.csv`, [day.replace(/(....)(..)(..)/, "$1-$2-$3")]]);
    using shop = shopOf(Object.fromEntries(files));
    expect(await nightOf(shop, 1)).toMatchObject({ rows: 1, outside: { before: 0, unread: 2, days: 3 } });
  });
});

describe("a day with a header alone", () => {
  it("is no missing day, but is told, also where it is the last", async () => {
    using shop = shopOf({
      "sales_20260501.csv": ["2026-05-01"],
      "sales_20260502.csv": [],
      "sales_20260503.csv": ["2026-05-03"],
      "sales_20260504.csv": [],
    });
    const { lastDay, warnings } = await nightOf(shop);
    expect(lastDay).toBe("2026-05-03");
    expect(warnings).toEqual([expect.stringMatching(/sales_20260502.csv: a header alone/)]);
    expect(await shop.export({ lastDay: "2026-05-04" })).toMatchObject({ interactions: 2 });
    const earlier = { ...(await shop.export()), rejects: null };
    const pins = earlier.days.map((day) => ({ day, interactions: day, items: day }));
    const again = await shop.export({ earlier: { ...earlier, days: pins } });
    expect([...again.reused.keys()]).toEqual(["2026-05-01", "2026-05-03"]);
  });
});

describe("GA4's other tables beside the daily ones", () => {
  it("are left out with their reason, as files and in folders", async () => {
    using shop = new Shop();
    for (const day of ["2026-05-01", "2026-05-02"]) {
      const suffix = day.replaceAll("-", "");
      mkdirSync(shop.path(`events_fresh_${suffix}`));
      for (const name of [`events_${suffix}`, `events_fresh_${suffix}/0`, `events_intraday_${suffix}`])
        shop.write(`${name}.json`, [view(day)]);
      for (const name of ["users", "pseudonymous_users"])
        shop.write(`${name}_${suffix}.json`, [{ user_id: "ann", last_updated_date: suffix }]);
    }
    shop.write("events_fresh_20260503.json", [view("2026-05-03")]);
    const { ignored, lastDay, interactions } = await nightOf(shop);
    expect({ lastDay, interactions, left: ignored.length }).toEqual({
      lastDay: "2026-05-02",
      interactions: 2,
      left: 9,
    });
    expect([...new Set(ignored.map(({ why }) => why))]).toEqual([
      expect.stringMatching(/fresh tables have the events of the daily ones a second time/),
      expect.stringMatching(/intraday tables are incomplete/),
      expect.stringMatching(/users, not events/),
    ]);
  });

  it("do not count as events where they are all there is", async () => {
    using shop = new Shop();
    shop.write("events_fresh_20260503.json", [view("2026-05-03")]);
    expect(await problemOf(shop.export())).toMatch(/no event files; .*fresh tables have/);
  });
});

describe("GA4's streaming export", () => {
  const write = (shop: Shop, kind: string, days: string[]) => {
    for (const day of days) shop.write(`${kind}${day.replaceAll("-", "")}.json`, [view(day)]);
  };

  it("by itself gives the days that are over, where that is asked for", async () => {
    using shop = new Shop();
    write(shop, "events_intraday_", ["2026-05-01", "2026-05-02", "2199-01-01"]);
    expect(await problemOf(shop.export())).toMatch(/no event files; .*--intraday takes days that are over/);
    const { days, ignored } = await shop.export({ intraday: true });
    expect(days).toEqual(["2026-05-01", "2026-05-02"]);
    expect(ignored).toMatchObject([{ path: shop.path("events_intraday_21990101.json") }]);
  });

  it("gives no day a second time: its daily table replaces what was read before", async () => {
    using shop = new Shop();
    write(shop, "events_", ["2026-05-01"]);
    write(shop, "events_intraday_", ["2026-05-01", "2026-05-02"]);
    const first = await shop.export({ intraday: true });
    expect(first).toMatchObject({ days: ["2026-05-01", "2026-05-02"], interactions: 2 });
    expect(first.ignored).toMatchObject([{ why: "there is a daily table of that day" }]);
    write(shop, "events_", ["2026-05-02"]);
    const pins = first.days.map((day) => ({ day, interactions: day, items: day }));
    const earlier = { inputs: first.inputs, days: pins, rejects: null };
    const next = await shop.export({ intraday: true, earlier });
    expect(next).toMatchObject({ days: ["2026-05-01", "2026-05-02"], interactions: 2 });
    expect([...next.reused.keys()]).toEqual(["2026-05-01"]);
  });
});
