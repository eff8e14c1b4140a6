import { readFileSync, renameSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findEventFiles } from "../../../../adapters/local/export/files/input-files.ts";
import { findReusable } from "../../../../adapters/local/export/reuse.ts";
import type { ExportResult } from "../../../../adapters/local/export/export-events.ts";
import { problemOf, Shop } from "./shop.ts";

const event = (day: string, user: string, item = "tea") => ({
  event_date: day,
  event_timestamp: `${Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T12:00:00Z`)}000`,
  event_name: "view_item",
  user_id: user,
  items: [{ item_id: item }],
});
const scroll = (day: string) => ({ ...event(day, "a"), event_name: "scroll" });

/** A shop of three days, and its first export. */
async function threeDays() {
  const shop = new Shop();
  for (const day of ["20261119", "20261120", "20261121"])
    shop.write(`events_${day}.ndjson.gz`, [event(day, "a"), event(day, "b"), scroll(day), "broken"]);
  const result = await shop.export();
  return { shop, result, earlier: earlierOf(shop, result) };
}

function earlierOf(shop: Shop, { inputs, days }: ExportResult) {
  const rejects = shop.rejectsFile.replace(".csv", ".earlier.csv");
  renameSync(shop.rejectsFile, rejects);
  return { inputs, days: pinsOf({ days }), rejects };
}

const pinsOf = ({ days }: Pick<ExportResult, "days">) =>
  days.map((day) => ({ day, interactions: `i/${day}`, items: `t/${day}` }));

describe("a day whose files have not changed", () => {
  it("is that of the earlier run, with all its counts and rejects", async () => {
    const { shop, result, earlier } = await threeDays();
    using _ = shop;
    const before = readFileSync(earlier.rejects, "utf8");
    const again = await shop.export({ earlier });
    expect([...again.reused.values()]).toEqual(earlier.days);
    const { pairs: _pairs, reused: _reused, ...counts } = result;
    expect(again).toMatchObject(counts);
    expect(again.pairs).toBe(0);
    expect(readFileSync(shop.rejectsFile, "utf8")).toBe(before);
  });

  it("has prices that cannot be read, which are told again", async () => {
    using shop = new Shop();
    for (const day of ["2026-11-20", "2026-11-21"])
      shop.write(`e_${day.replaceAll("-", "")}.csv`, [
        "user,item,event,time,price",
        `a,tea,view,${day},"1,299"`,
        `b,pot,view,${day},3.50`,
      ]);
    const result = await shop.export();
    expect(result.warnings).toEqual([expect.stringContaining('2 prices are left out, such as "1,299"')]);
    const again = await shop.export({ earlier: { ...result, days: pinsOf(result), rejects: null } });
    expect(again.reused.size).toBe(2);
    expect(again.warnings).toEqual([expect.stringContaining("2 prices are left out: no numbers")]);
  });

  it("is looked at before, and may not vanish meanwhile", async () => {
    const { shop, earlier } = await threeDays();
    using _ = shop;
    const { files } = await findEventFiles(shop.request());
    rmSync(files[1].path);
    const reusable = findReusable(files, earlier, new AbortController().signal);
    expect(await problemOf(reusable)).toMatch(/events_20261120.ndjson.gz: the file is unreadable/);
  });

  it("may have rejected rows of any length", async () => {
    using shop = new Shop();
    for (const day of ["20261120", "20261121"])
      shop.write(`events_${day}.ndjson`, [event(day, "a"), `{"${"x".repeat(3e6)}`]);
    const result = await shop.export();
    const again = await shop.export({ earlier: earlierOf(shop, result) });
    expect(again).toMatchObject({ interactions: 2, rejected: { malformed_line: 2 } });
    expect(again.reused.size).toBe(2);
    expect(shop.rejects()).toHaveLength(2);
  });

  it("is not read again beside a new day and one that has changed", async () => {
    const { shop, earlier } = await threeDays();
    using _ = shop;
    shop.write("events_20261120.ndjson.gz", [event("20261120", "c")]);
    shop.write("events_20261122.ndjson.gz", [event("20261122", "d")]);
    const again = await shop.export({ earlier });
    expect([...again.reused.keys()]).toEqual(["2026-11-19", "2026-11-21"]);
    expect(again).toMatchObject({ rows: 10, interactions: 6, pairs: 2, rejected: { malformed_line: 2 } });
    expect(again.inputs.map(({ daily }) => daily?.day)).toEqual(again.days);
  });

  it("is read again if a new file has rows of that day, or an old one had rows of another", async () => {
    const { shop, earlier } = await threeDays();
    using _ = shop;
    shop.write("events_20261122.ndjson.gz", [event("20261122", "d"), event("20261121", "late")]);
    const seen: number[] = [];
    const late = await shop.export({ earlier }, { progress: (fraction) => seen.push(fraction) });
    expect(late.reused.size).toBe(0);
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(late).toMatchObject({ interactions: 8, pairs: 8 });
    expect(late.inputs.at(-1)).not.toHaveProperty("daily");
    const next = await shop.export({ earlier: earlierOf(shop, late) });
    expect(next.reused.size).toBe(0);
  });

  it("is read again if one of its files is gone, or there is one more", async () => {
    const { shop, earlier } = await threeDays();
    using _ = shop;
    shop.write("more_20261121.ndjson.gz", [event("20261121", "e")]);
    const again = await shop.export({ earlier });
    expect([...again.reused.keys()]).toEqual(["2026-11-19", "2026-11-20"]);
    expect(again).toMatchObject({ interactions: 7 });
    const inputs = [...earlier.inputs, { ...earlier.inputs[2], path: "gone" }];
    const fewer = await shop.export({ earlier: { ...earlier, inputs } });
    expect([...fewer.reused.keys()]).toEqual(["2026-11-19", "2026-11-20"]);
  });
});
