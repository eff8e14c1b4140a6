import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { problemOf, Shop } from "./shop.ts";

describe("folders that name a column", () => {
  const row = "ann,tea,2026-11-21T10:00:00Z";
  const folders = (shop: Shop, ...names: string[]) =>
    mkdirSync(shop.path(join(...names)), { recursive: true });

  it("say of all rows below them which event and which day they are", async () => {
    using shop = new Shop();
    for (const event of ["view_item", "add%5Fto_cart", "buy"]) {
      folders(shop, `event=${event}`, "date=2026-11-20");
      shop.write(`event=${event}/date=2026-11-20/a.csv`, ["user,item", "ann,tea"]);
      shop.write(`event=${event}/date=2026-11-20/b.ndjson`, [{ user: "bob", item: "tea" }]);
      await shop.writeParquet(
        `event=${event}/date=2026-11-20/c.parquet`,
        `SELECT 'cid' AS "user", 'tea' AS item`,
      );
    }
    const { warnings, days } = await shop.export();
    expect({ warnings, days }).toEqual({ warnings: [], days: ["2026-11-20"] });
    const events = ["add_to_cart", "purchase", "view_item"];
    const pairs = ["ann", "bob", "cid"].flatMap((user) => events.map((event) => `${user} tea ${event} 1`));
    expect(await shop.pairs()).toEqual(pairs);
  });

  it("differ within what is read at once, and may say that rows have no value", async () => {
    using shop = new Shop();
    for (const [event, user] of Object.entries({
      view_item: "ann",
      buy: "bob",
      __HIVE_DEFAULT_PARTITION__: "cid",
    })) {
      folders(shop, `event=${event}`);
      shop.write(`event=${event}/a.csv`, ["user,item,time", `${user},tea,2026-11-21`, `${user},,2026-11-21`]);
    }
    const { rejected, otherEvents } = await shop.export({ rejectLimit: 1 });
    expect({ rejected, otherEvents }).toEqual({ rejected: { no_item: 2 }, otherEvents: 2 });
    expect(await shop.pairs()).toEqual(["ann tea view_item 1", "bob tea purchase 1"]);
  });

  it("do not count where the file has the column, nor for a user or an item", async () => {
    using shop = new Shop();
    folders(shop, "event=purchase", "date=2026-01-01", "item=pot");
    const folder = "event=purchase/date=2026-01-01/item=pot";
    shop.write(`${folder}/a.csv`, ["user,item,eventdate,type", `${row},view`]);
    expect(await shop.export()).toMatchObject({ days: ["2026-11-21"] });
    expect(await shop.pairs()).toEqual(["ann tea view_item 1"]);
    shop.write(`${folder}/a.csv`, ["user,time", "ann,2026-11-21"]);
    expect(await problemOf(shop.export())).toContain("no column looks like the item");
  });

  it.each(["dt=2026-11-20", "day=20261120", "year=2026/month=11/day=20", "ds=2026-11-20/hour=7"])(
    "may name the day as in %s",
    async (names) => {
      using shop = new Shop();
      folders(shop, names);
      shop.write(`${names}/a.csv`, ["user,item", "ann,tea"]);
      expect(await shop.export()).toMatchObject({ days: ["2026-11-20"], interactions: 1 });
    },
  );

  it("may have any name that --map gives", async () => {
    using shop = new Shop();
    folders(shop, "Art=Kauf");
    shop.write("Art=Kauf/a.csv", ["user,item,time", row]);
    await shop.export({ map: { event: "art" }, eventNames: { kauf: "purchase" } });
    expect(await shop.pairs()).toEqual(["ann tea purchase 1"]);
  });
});

describe("a list in Parquet", () => {
  /** Written by @dsnp/parquetjs, which marks no list: repeated fields, and records around them. */
  it.each(["repeated", "list-of-array", "list-of-elements"])(
    "is one without the mark, too: %s",
    async (name) => {
      using shop = new Shop();
      copyFileSync(join(import.meta.dirname, `parquet/${name}.parquet`), shop.path("a.parquet"));
      expect(await shop.export()).toMatchObject({ rows: 40, interactions: 40, rejected: {} });
      expect(new Set((await shop.interactions()).map(({ item }) => item))).toEqual(
        new Set(["i0", "i1", "i2", "i3"]),
      );
    },
  );
});

describe("an id", () => {
  const flat = (id: string) => `SELECT ${id} AS "user", ${id} AS item, TIMESTAMP '2026-11-21' AS time`;
  const ga4 = (id: string) =>
    `SELECT 'view_item' AS event_name, '20261121' AS event_date, 1795255260000000 AS event_timestamp,
       ${id} AS user_id, [{'item_id': ${id}}] AS items`;

  it.each([
    ["4711.0::DOUBLE", "4711"],
    ["4711.00::DECIMAL(10,2)", "4711"],
    ["4711.5::DOUBLE", "4711.5"],
    ["'4711.0'", "4711.0"],
    ["1e15::DOUBLE", "1000000000000000"],
  ])("that is %s in Parquet is %s", async (sql, id) => {
    using shop = new Shop();
    await shop.writeParquet("a.parquet", flat(sql));
    await shop.writeParquet("b.parquet", flat(`[${sql}]`).replace(`[${sql}] AS "user"`, `${sql} AS "user"`));
    await shop.writeParquet("c.parquet", ga4(sql));
    await shop.export();
    expect(await shop.pairs()).toEqual([`${id} ${id} purchase 2`, `${id} ${id} view_item 1`]);
  });

  it("that is a number in JSON has no decimals if it is whole", async () => {
    using shop = new Shop();
    const text = (row: object) => JSON.stringify(row).replaceAll("4711", "4711.0");
    shop.write("a.ndjson", [text({ user: 4711, lines: [{ sku: 4711 }], time: "2026-11-21", price: 2.5 })]);
    const view = { event_name: "view_item", event_date: "20261121", event_timestamp: 1795255260000000 };
    shop.write("b.ndjson", [text({ ...view, user_id: 4711, items: [{ item_id: 4711, price: 2.5 }] })]);
    shop.write("c.ndjson", [text({ user: "4711", lines: [{ sku: "4711" }], time: "2026-11-21" })]);
    await shop.export({ map: { item: "lines.sku" } });
    expect(await shop.pairs()).toEqual([
      "4711 4711 purchase 1",
      "4711 4711 view_item 1",
      "4711.0 4711.0 purchase 1",
    ]);
  });

  it("of bytes that are no text is refused by what it is", async () => {
    using shop = new Shop();
    await shop.writeParquet("a.parquet", flat(String.raw`'\xFF\xFE'::BLOB`));
    expect(await problemOf(shop.export())).toMatch(/not valid UTF8.*\n.*A column of bytes is no text/);
  });
});
