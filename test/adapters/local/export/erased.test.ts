import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { erasedCase, erasedUsers } from "../../../golden.ts";
import { Shop } from "./shop.ts";

/** An event of each golden row, which views an item of its own. */
const rows = erasedCase.events.map(({ user, micros }, k) => ({
  user,
  item: `i${k}`,
  event: "view_item",
  time: micros,
}));
const counted = erasedCase.events.flatMap(({ counts }, k) => (counts ? [`i${k}`] : [])).sort();
const itemsOf = async (shop: Shop) => (await shop.interactions()).map(({ item }) => item).sort();

describe("an export with erased users", () => {
  it("has the golden events, from flat files and from GA4's", async () => {
    using flat = new Shop();
    flat.write("events.ndjson", rows);
    const result = await flat.export({ erased: erasedUsers });
    expect(await itemsOf(flat)).toEqual(counted);
    expect(result.rejected).toEqual({ erased: rows.length - counted.length });
    expect(flat.rejects()).toEqual([]);

    using ga4 = new Shop();
    ga4.write(
      "events.ndjson",
      rows.map(({ user, item, event, time }) => ({
        event_date: "20261120",
        event_timestamp: time,
        event_name: event,
        user_id: user,
        user_pseudo_id: "device",
        items: [{ item_id: item }],
      })),
    );
    await ga4.export({ erased: erasedUsers });
    expect(await itemsOf(ga4)).toEqual(counted);
  });

  it("keeps none of their rows aside, and takes an unreadable time for an early one", async () => {
    using shop = new Shop();
    shop.write("events.csv", [
      "user,item,event,time",
      "ann,,view,2026-11-20T10:00:00Z",
      "ann,tea,view,yesterday",
      "ann,tea,view,2998-11-20T10:00:00Z",
      "ann,,view,2026-11-20T13:00:00Z",
      "bob,,view,2026-11-20T10:00:00Z",
      "bob,tea,view,2026-11-20T10:00:00Z",
    ]);
    const { rejected } = await shop.export({ erased: erasedUsers });
    expect(rejected).toEqual({ erased: 3, no_item: 2 });
    expect(shop.rejects().map((line) => line.split(",").slice(1, 4).join())).toEqual([
      "5,no_item,ann",
      "6,no_item,bob",
    ]);
  });

  it("works with a hundred thousand of them", async () => {
    using shop = new Shop();
    shop.write("events.ndjson", rows);
    const many = Array.from({ length: 100_000 }, (_, k) => [
      createHash("sha256").update(`user-${k}`).digest("hex"),
      { at: "2026-11-20T12:00:00.000Z", finished: true },
    ]);
    await shop.export({ erased: { ...Object.fromEntries(many), ...erasedUsers } });
    expect(await itemsOf(shop)).toEqual(counted);
  });
});
