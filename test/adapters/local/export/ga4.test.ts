import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ga4EventsOf, meaningCases, scopeOfDay, storeEvents, storesCases } from "../../../golden.ts";
import { problemOf, Shop } from "./shop.ts";

/** A row of the GA4 export to BigQuery, as BigQuery writes it in JSON: 64-bit numbers are text. */
function event(fields: object): object {
  return {
    event_date: "20261121",
    event_timestamp: "1795255260000000",
    event_name: "view_item",
    user_id: "ann",
    user_pseudo_id: "device-1",
    items: [{ item_id: "tea", price: 3.5 }],
    ...fields,
  };
}

describe("a GA4 export", () => {
  it("has an interaction for each item of an event, and what it says about the item", async () => {
    using shop = new Shop();
    const tea = { item_id: "tea", item_name: "Tea", item_category: "Drinks", price: 3.5, quantity: "2" };
    const cup = { item_id: "cup", item_name: "(not set)", price: "4" };
    shop.write("events_20261121.ndjson", [
      event({ event_name: "purchase", items: [tea, cup] }),
      event({ event_timestamp: "1795255261000000", items: [{ item_id: "tea", price: 3, event_params: [] }] }),
    ]);
    expect(await shop.export()).toMatchObject({ rows: 3, interactions: 3 });
    expect(await shop.pairs()).toEqual(["ann cup purchase 1", "ann tea purchase 1", "ann tea view_item 1"]);
    expect(await shop.items()).toEqual([
      { item: "cup", name: null, category: null, price: 4, lastAt: 1795255260e6, day: "2026-11-21" },
      { item: "tea", name: "Tea", category: "Drinks", price: 3, lastAt: 1795255261e6, day: "2026-11-21" },
    ]);
  });

  it.each(["array", "record"])(
    "is read from Parquet too, with items as BigQuery writes an %s",
    async (list) => {
      using shop = new Shop();
      const item = "{'item_id': 'tea', 'item_name': 'Tea', 'price': 3.5, 'quantity': 1, 'coupon': 'X'}";
      await shop.writeParquet(
        "events_20261121.parquet",
        `SELECT '20261121' AS event_date, 1795255260000000 AS event_timestamp, 'purchase' AS event_name,
         'device-1' AS user_pseudo_id, ${list === "array" ? `[${item}]` : `{'list': [{'element': ${item}}]}`} AS items`,
      );
      await shop.export();
      expect(await shop.pairs()).toEqual(["device-1 tea purchase 1"]);
      expect(await shop.items()).toMatchObject([{ name: "Tea", category: null, price: 3.5 }]);
    },
  );

  it("is on the day of event_date, the shop's own day, not the UTC one", async () => {
    using shop = new Shop();
    shop.write("e.ndjson", [event({ event_date: "20261120" })]);
    expect(await shop.export()).toMatchObject({ days: ["2026-11-20"] });
  });

  it.each([
    ["user_id", ["ann tea view_item 1", "device-1 tea view_item 2"], 1],
    ["user_pseudo_id", ["device-1 tea view_item 3"], 1],
  ] as const)("counts people by %s", async (identity, expected, nobody) => {
    using shop = new Shop();
    const anonymous = event({ user_id: null, user_pseudo_id: "" });
    shop.write("e.ndjson", [event({}), event({ user_id: "" }), event({ user_id: null }), anonymous]);
    const { rejected } = await shop.export({ identity });
    expect(await shop.pairs()).toEqual(expected);
    expect(rejected).toEqual({ no_user: nobody });
  });

  it.each(meaningCases)("takes $name for what they are: nobody, or no item", async (golden) => {
    using shop = new Shop();
    const { rows, pairs, rejected } = ga4EventsOf(golden);
    shop.write("e.ndjson", rows);
    const result = await shop.export({ missingIds: golden.missingIds });
    expect((await shop.pairs()).sort()).toEqual(pairs);
    expect(result.rejected).toEqual(rejected);
  });

  it("says on which device a user_id was seen, where devices take it, and never of an erased user", async () => {
    using shop = new Shop();
    const browse = event({ user_id: null });
    const later = event({ event_name: "purchase", event_timestamp: "1795255270000000" });
    shop.write("e.ndjson", [browse, event({ user_id: "guest" }), later, event({ user_pseudo_id: "null" })]);
    await shop.export({ identity: "last_user_id" });
    const seen = async () =>
      (await shop.interactions()).map(({ user, event, device, count }) => [user, event, device, count]);
    expect(await seen()).toEqual([
      ["ann", "purchase", "device-1", 1],
      ["ann", "view_item", null, 1],
      ["device-1", "view_item", null, 2],
    ]);
    const name = createHash("sha256").update("ann").digest("hex");
    const erased = { [name]: { at: "2026-11-21T10:01:05.000Z", finished: true } };
    await shop.export({ identity: "last_user_id", erased });
    expect(await seen()).toEqual([
      ["ann", "purchase", null, 1],
      ["device-1", "view_item", null, 2],
    ]);
  });

  it.each(
    storesCases.asked.flatMap((asked) =>
      (["ndjson", "parquet"] as const).map((format) => ({ ...asked, format })),
    ),
  )("is of the stores that are asked for: $users, $format", async ({ users, format, ...asked }) => {
    using shop = new Shop();
    const lines = shop.write("events_20261121.ndjson", storeEvents);
    if (format === "parquet") {
      await shop.writeParquet("events_20261121.parquet", `SELECT * FROM read_json('${lines}')`);
      rmSync(lines);
    }
    // The language is read from the record that has the host name.
    const { otherEvents } = await shop.export({ ...asked, ga4Scope: "device.language" });
    const found = await shop.interactions();
    expect(found.map(({ user, scope }) => [user, scope])).toEqual(users.map((user) => [user, "de"]));
    expect(otherEvents).toBe(storeEvents.length - users.length);
  });

  it("counts other events, with or without items, and takes a `click` for what it is in GA4", async () => {
    using shop = new Shop();
    const others = ["page_view", "session_start", "click", "view_item_list"];
    shop.write("e.ndjson", [event({}), ...others.map((event_name) => event({ event_name, items: [] }))]);
    expect(await shop.export()).toMatchObject({ rows: 5, otherEvents: 4, rejected: {} });
  });

  it("is recognised by a file that begins with page views without items", async () => {
    using shop = new Shop();
    const views = Array.from({ length: 1200 }, () => event({ event_name: "page_view", items: undefined }));
    shop.write("e.ndjson.gz", [...views, event({})]);
    expect(await shop.export()).toMatchObject({ otherEvents: 1200, interactions: 1 });
  });

  it("rejects events without items, unknown items, and fields of the wrong type, and nothing else", async () => {
    using shop = new Shop();
    shop.write("e.ndjson", [
      event({ user_id: { deep: 1 }, items: [{ item_id: 7, price: [1], item_name: "Seven" }] }),
      event({ items: [] }),
      event({ items: null }),
      event({ items: "tea" }),
      event({ items: ["tea"] }),
      event({ items: [{ item_id: "(not set)" }, { item_id: "tea" }] }),
    ]);
    const { rejected } = await shop.export();
    expect(rejected).toEqual({ no_item: 5 });
    expect(await shop.pairs()).toEqual(["ann tea view_item 1", '{"deep":1} 7 view_item 1']);
  });

  it("leaves intraday files out", async () => {
    using shop = new Shop();
    shop.write("events_20261121.ndjson", [event({})]);
    shop.write("events_intraday_20261122.ndjson", [event({ event_date: "20261122" })]);
    const { ignored, lastDay } = await shop.export();
    expect(ignored).toEqual([
      {
        path: shop.path("events_intraday_20261122.ndjson"),
        why: expect.stringMatching(/intraday tables are incomplete.*--intraday takes days that are over/),
      },
    ]);
    expect(lastDay).toBe("2026-11-21");
  });
});

describe("scopes in a GA4 export", () => {
  const scopes = async (shop: Shop) =>
    Object.fromEntries((await shop.interactions()).map(({ user, scope }) => [user, scope]));

  it("are those of a user's last event of the day that names one", async () => {
    using shop = new Shop();
    const rows = scopeOfDay.events.map(([user_id, at, region]) =>
      event({ user_id, event_timestamp: String(1795255260000000 + at), geo: { region } }),
    );
    shop.write("e.ndjson", rows);
    await shop.export({ ga4Scope: "geo.region" });
    expect(await scopes(shop)).toEqual(scopeOfDay.scopes);
  });

  it("may come from a parameter of the event, and from a file without them there are none", async () => {
    using shop = new Shop();
    const params = (value: object) => [
      { key: "page", value: { string_value: "x" } },
      { key: "store", value },
    ];
    shop.write("e.ndjson", [
      event({ event_params: params({ string_value: "north" }) }),
      event({ user_id: "bob", event_params: params({ int_value: "7" }) }),
      event({ user_id: "cleo", event_params: "north" }),
      event({ user_id: "dan" }),
    ]);
    await shop.export({ ga4Scope: "event_param:store" });
    expect(await scopes(shop)).toEqual({ ann: "north", bob: "7", cleo: null, dan: null });
    await shop.export();
    expect((await shop.interactions())[0]).not.toHaveProperty("scope");
  });

  it.each([
    ["geo.region", "{'country': 'DE', 'region': 'Berlin'} AS geo"],
    [
      "user_property:store",
      "[{'key': 'store', 'value': {'string_value': 'Berlin', 'int_value': NULL::BIGINT}}]",
    ],
    [
      "user_property:store",
      "{'list': [{'element': {'key': 'store', 'value': {'string_value': 'Berlin', 'int_value': NULL::BIGINT}}}]}",
    ],
  ])("are read from Parquet too: %s", async (ga4Scope, column) => {
    using shop = new Shop();
    await shop.writeParquet(
      "events_20261121.parquet",
      `SELECT '20261121' AS event_date, 1795255260000000 AS event_timestamp, 'purchase' AS event_name,
       'ann' AS user_pseudo_id, [{'item_id': 'tea'}] AS items,
       ${column}${column.endsWith("geo") ? "" : " AS user_properties"}`,
    );
    await shop.export({ ga4Scope });
    expect(await scopes(shop)).toEqual({ ann: "Berlin" });
    await shop.export({ ga4Scope: "device.language" });
    expect(await scopes(shop)).toEqual({ ann: null });
  });
});

describe("daily files", () => {
  function shopOf(...days: string[]): Shop {
    const shop = new Shop();
    for (const day of days) {
      const name = `events_${day.replaceAll("-", "")}.ndjson`;
      shop.write(name, [event({ event_date: day.replaceAll("-", "") })]);
    }
    return shop;
  }

  it("outside the window are not even read", async () => {
    using shop = shopOf("2026-11-19", "2026-11-20", "2026-11-21");
    shop.write("events_20261118.ndjson", "{broken");
    const result = await shop.export({ days: 2 });
    expect(result).toMatchObject({ firstDay: "2026-11-20", lastDay: "2026-11-21", rows: 2 });
    expect(result.inputs).toHaveLength(2);
    expect(await shop.export({ days: 2, lastDay: "2026-11-20" })).toMatchObject({
      days: ["2026-11-19", "2026-11-20"],
    });
  });

  it("may not leave out a day, unless that is allowed", async () => {
    using shop = shopOf("2026-11-17", "2026-11-19", "2026-11-21");
    const problem = await problemOf(shop.export({ days: 30 }));
    expect(problem).toMatch(/there is no file for 2026-11-18, 2026-11-20\n {2}Next: .*--allow-missing-days/);
    const { days, warnings } = await shop.export({ days: 30, allowMissingDays: true });
    expect(days).toEqual(["2026-11-17", "2026-11-19", "2026-11-21"]);
    expect(warnings).toEqual(["there is no file for 2026-11-18, 2026-11-20"]);
  });

  it("must include the last day that is asked for", async () => {
    using shop = shopOf("2026-11-20", "2026-11-21");
    const problem = await problemOf(shop.export({ lastDay: "2026-11-22" }));
    expect(problem).toMatch(/none on 2026-11-22 itself; the latest day with events is 2026-11-21/);
  });

  it("must have events on the last day", async () => {
    using shop = shopOf("2026-11-20", "2026-11-21");
    shop.write("events_20261122.ndjson", "");
    expect(await problemOf(shop.export())).toMatch(/none on 2026-11-22 itself.*\n.*--last-day 2026-11-21/);
  });
});

describe("files that are not daily", () => {
  const rows = ["2026-11-01", "2026-11-19", "2026-11-21"].map((day) => `a,b,view,${day}`);

  it("are cut to the window, which ends on the latest day there is", async () => {
    using shop = new Shop();
    shop.write("e.csv", ["user,item,event,time", ...rows]);
    expect(await shop.export({ days: 3 })).toMatchObject({
      firstDay: "2026-11-19",
      lastDay: "2026-11-21",
      days: ["2026-11-19", "2026-11-21"],
      rows: 3,
      interactions: 2,
      outsideWindow: 1,
    });
  });

  it("may have one day in the name and many in them", async () => {
    using shop = new Shop();
    shop.write("dump_20261130.csv", ["user,item,event,time", ...rows]);
    expect(await shop.export({ days: 30 })).toMatchObject({ lastDay: "2026-11-21", interactions: 3 });
  });

  it("must have events on the last day that is asked for", async () => {
    using shop = new Shop();
    shop.write("e.csv", ["user,item,event,time", ...rows]);
    const problem = await problemOf(shop.export({ lastDay: "2026-11-20" }));
    expect(problem).toMatch(/none on 2026-11-20 itself; the latest day with events is 2026-11-21/);
  });
});
