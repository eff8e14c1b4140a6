import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ga4EventsOf, meaningCases } from "../../../golden.ts";
import { problemOf, Shop } from "./shop.ts";

describe("a CSV file", () => {
  it("becomes one interaction for each user, item, event and day", async () => {
    using shop = new Shop();
    shop.write("events.csv", [
      "user,item,event,time",
      "ann,tea,view_item,2026-11-21 09:00:00",
      "ann,tea,view_item,2026-11-21 10:00:00",
      "ann,tea,purchase,2026-11-21 10:01:00",
      "ann,tea,view_item,2026-11-22 00:00:00",
    ]);
    const result = await shop.export();
    expect(await shop.interactions()).toEqual([
      { user: "ann", item: "tea", event: "purchase", count: 1, lastAt: 1795255260e6, day: "2026-11-21" },
      { user: "ann", item: "tea", event: "view_item", count: 2, lastAt: 1795255200e6, day: "2026-11-21" },
      { user: "ann", item: "tea", event: "view_item", count: 1, lastAt: 1795305600e6, day: "2026-11-22" },
    ]);
    expect(result).toMatchObject({
      firstDay: "2026-11-21",
      lastDay: "2026-11-22",
      days: ["2026-11-21", "2026-11-22"],
      rows: 4,
      interactions: 4,
      pairs: 3,
      rejected: {},
      otherEvents: 0,
      outsideWindow: 0,
      warnings: [],
    });
    const sha256 = createHash("sha256")
      .update(readFileSync(shop.path("events.csv")))
      .digest("hex");
    expect(result.inputs).toEqual([{ path: shop.path("events.csv"), bytes: 172, sha256, rows: 4 }]);
  });

  it.each(["1e5", "007", "17850.0", "0x1F", "true", " a ", "Käse 🧀", 'a"b', "a,b", "a\nb", "(1)", "None 1"])(
    "keeps the id %j byte for byte",
    async (id) => {
      using shop = new Shop();
      const cell = `"${id.replaceAll('"', '""')}"`;
      shop.write("events.csv", `user,item,event,time\n${cell},${cell},view,1795255260\n`);
      await shop.export();
      expect(await shop.interactions()).toMatchObject([{ user: id, item: id }]);
    },
  );

  it.each([
    ["semicolons", "e.csv", "user;item;event;time\na;b;view;1795255260\n"],
    ["tabs", "e.tsv", "user\titem\tevent\ttime\na\tb\tview\t1795255260\n"],
    ["a byte order mark", "e.csv", "\ufeffuser,item,event,time\na,b,view,1795255260\n"],
    ["Windows line ends", "e.csv", "user,item,event,time\r\na,b,view,1795255260\r\n"],
    ["old Mac line ends", "e.csv", "user,item,event,time\ra,b,view,1795255260\r"],
    ["no line end at the end", "e.csv", "user,item,event,time\na,b,view,1795255260"],
    ["blank lines", "e.csv", "user,item,event,time\n\na,b,view,1795255260\n\n"],
    [
      "Excel's line on what divides",
      "e.csv",
      "\ufeffsep=;\r\nuser;item;event;time\r\na;b;view;1795255260\r\n",
    ],
    ["backslashes", "e.csv", 'user,item,event,time,name\na,b,view,1795255260,"5\\" a, b"\n'],
    ["a quoted header", "e.csv", '"user","item","event","time"\na,b,view,1795255260\n'],
    ["gzip", "e.csv.gz", "user,item,event,time\na,b,view,1795255260\n"],
  ])("may have %s", async (_, name, text) => {
    using shop = new Shop();
    shop.write(name, text);
    expect(await shop.export()).toMatchObject({ rows: 1, rejected: {}, warnings: [] });
    expect(await shop.pairs()).toEqual(["a b view_item 1"]);
  });

  it("may leave out empty cells at the end of rows, but none that is needed", async () => {
    using shop = new Shop();
    const short = [
      "ann,tea,view,1795255260",
      'bob,tea,view,1795255260,"Tea\nGreen"',
      "cid,tea,view",
      "d,,view,",
    ];
    shop.write("e.csv", [
      "sep=,",
      "user,item,event,time,name,price",
      ...short,
      "eve,tea,view,1795255260,Tea,3",
    ]);
    expect(await shop.export()).toMatchObject({ rows: 5, rejected: { malformed_line: 1, bad_time: 1 } });
    expect(await shop.pairs()).toEqual(["ann tea view_item 1", "bob tea view_item 1", "eve tea view_item 1"]);
    expect(await shop.items()).toMatchObject([{ item: "tea", name: "Tea\nGreen", price: 3 }]);
  });

  it.each(meaningCases)("has devices beside users, and takes $name as in GA4's export", async (golden) => {
    const { flat, pairs, rejected } = ga4EventsOf(golden);
    using shop = new Shop();
    shop.write("e.ndjson", flat);
    const result = await shop.export({ missingIds: golden.missingIds });
    expect({ pairs: (await shop.pairs()).sort(), rejected: result.rejected }).toEqual({ pairs, rejected });
  });

  it("counts events of an item's old id as the new one's, and keeps rows aside as they are", async () => {
    using shop = new Shop();
    shop.write("e.csv", [
      "user,item,event,time,name,quantity",
      "ann,old-tea,view,1795255260,Old Tea,",
      "ann,tea,view,1795255261,Tea,",
      "bob,old-tea,buy,1795255262,,0",
      "bob,pot,view,1795255263,Pot,",
    ]);
    const newIds = new Map([["old-tea", "tea"]]);
    await shop.export({ aliases: { source: "aliases.csv", sha256: "", newIds } });
    expect(await shop.pairs()).toEqual(["ann tea view_item 2", "bob pot view_item 1"]);
    expect((await shop.items()).map(({ item, name }) => `${item}: ${name}`)).toEqual([
      "pot: Pot",
      "tea: Tea",
    ]);
    expect(shop.rejects()).toEqual([expect.stringContaining("old-tea")]);
  });

  it("may lie among files of other layouts", async () => {
    using shop = new Shop();
    for (let k = 0; k < 12; k++)
      shop.write(`${k + 10}.csv`, [
        ["user", "item", "time", ...Array(k % 6).keys()].join(),
        `a,tea,1795255260${",".repeat(k % 6)}`,
        "x",
      ]);
    expect(await shop.export()).toMatchObject({ rows: 24, interactions: 12 });
    const places = shop.rejects().map((row) => /(\d+)\.csv,(\d)/.exec(row)?.slice(1, 3).join(" "));
    expect(places).toEqual(Array.from({ length: 12 }, (_, k) => `${k + 10} 3`));
  });

  it("may be put together from shards: line ends that differ, and headers in the middle", async () => {
    using shop = new Shop();
    shop.write(
      "e.csv",
      "user,item,event,time\r\na,b,view,1795255260\r\nuser,item,event,time\nc,d,buy,1795255260\n",
    );
    const result = await shop.export();
    expect(await shop.pairs()).toEqual(["a b view_item 1", "c d purchase 1"]);
    expect(result).toMatchObject({ rows: 2, rejected: {} });
    expect(result.warnings).toEqual(["1 header lines in the middle of CSV files were dropped"]);
  });

  it("is found by its columns' well-known names, whatever their case and spaces", async () => {
    using shop = new Shop();
    shop.write("e.csv", [
      "Invoice,Customer ID,StockCode,Description,InvoiceDate,Quantity,UnitPrice",
      "1,17850.0,85123A,WHITE HEART,2026-11-21 08:26:00,6,2.55",
    ]);
    const { warnings } = await shop.export();
    expect(await shop.pairs()).toEqual(["17850.0 85123A purchase 1"]);
    expect(await shop.items()).toMatchObject([
      { item: "85123A", name: "WHITE HEART", category: null, price: 2.55 },
    ]);
    expect(warnings).toEqual([expect.stringContaining("no event column, so every row is a purchase")]);
  });

  it("may have any column names, mapped, even with quotes in them", async () => {
    using shop = new Shop();
    shop.write("it's [1]*.csv", ['"a""b",it\'s,was,wann', "ann,tea,Kauf,1795255260"]);
    const map = { user: 'a"b', item: "it's", event: "was", time: "wann" };
    await shop.export({ map, eventNames: { kauf: "purchase" } });
    expect(await shop.pairs()).toEqual(["ann tea purchase 1"]);
  });
});

describe("a quantity", () => {
  it("of zero cancels a purchase, and nothing else", async () => {
    using shop = new Shop();
    shop.write("e.csv", [
      "user,item,event,time,quantity",
      "ann,tea,view,1795255260,0",
      "ann,tea,cart,1795255260,-1",
      "ann,tea,buy,1795255260,0",
      "bob,tea,buy,1795255260,-1",
      "cleo,tea,buy,1795255260,",
    ]);
    expect((await shop.export()).rejected).toEqual({ cancelled: 2 });
    expect(await shop.pairs()).toEqual([
      "ann tea add_to_cart 1",
      "ann tea view_item 1",
      "cleo tea purchase 1",
    ]);
  });
});

describe("NDJSON", () => {
  it("has ids as text, numbers too, and fields that appear late", async () => {
    using shop = new Shop();
    const time = "2026-11-21T09:00:00Z";
    const early = Array.from({ length: 1500 }, () => ({ item: "x", event: "view", time }));
    shop.write("e.jsonl.gz", [
      ...early,
      { user: 12345678901234567890n.toString(), item: 7, event: "buy", time },
    ]);
    const result = await shop.export();
    expect(await shop.pairs()).toEqual(["12345678901234567890 7 purchase 1"]);
    expect(result.rejected).toEqual({ no_user: 1500 });
  });

  it("may have keys with slashes, and values with line ends in them", async () => {
    using shop = new Shop();
    shop.write("e.ndjson", [{ "who/~": "a\n\"b'", item: "tea", event: "view", time: 1795255260 }]);
    await shop.export({ map: { user: "who/~" } });
    expect(await shop.interactions()).toMatchObject([{ user: "a\n\"b'" }]);
  });

  it("has objects, whose fields --map reaches, and lists, of which each element is a row", async () => {
    using shop = new Shop();
    const time = "2026-11-21";
    shop.write("a.ndjson", [
      { who: { id: "ann" }, item: ["tea", "cup"], tags: ["x", "y"], time },
      { who: { id: "bob" }, item: "pot", time },
      { who: { id: "cid" }, item: [], time },
    ]);
    const { rejected } = await shop.export({ map: { user: "who.id", category: "tags" } });
    expect(await shop.pairs()).toEqual(["ann cup purchase 1", "ann tea purchase 1", "bob pot purchase 1"]);
    expect((await shop.items()).map(({ category }) => category)).toEqual(["x", null, "x"]);
    expect(rejected).toEqual({ no_item: 1 });
    shop.write("a.ndjson", [
      {
        user: "a",
        time,
        lines: [
          { sku: "x", n: 1, price: 2 },
          { sku: "y", n: 0 },
          { sku: "z", n: 2 },
        ],
      },
    ]);
    await shop.export({ map: { item: "lines.sku", quantity: "lines.n", price: "lines.price" } });
    expect((await shop.items()).map(({ item, price }) => `${item} ${price}`)).toEqual(["x 2", "z null"]);
    shop.write("a.ndjson", [{ user: "a", time, visits: [{ items: [{ sku: "x" }] }] }]);
    expect(await problemOf(shop.export({ map: { item: "visits.items.sku" } }))).toMatch(
      /"visits.items.sku" lies in a list within a list\n/,
    );
    expect(await problemOf(shop.export({ map: { item: "visits" } }))).toMatch(
      /no column "visits"; the columns are "user", "time", "visits.items.sku"/,
    );
  });

  it("may have flat rows of GA4, where --map says so", async () => {
    using shop = new Shop();
    const row = { event_name: "view_item", event_date: "20261121", event_timestamp: 1795255260000000 };
    shop.write("a.ndjson", [{ ...row, user_pseudo_id: "0.1", sku: "I0" }]);
    await shop.export({ map: { item: "sku" } });
    expect(await shop.pairs()).toEqual(["0.1 I0 view_item 1"]);
  });

  it("that is one array is a problem that says what to do", async () => {
    using shop = new Shop();
    shop.write("e.json", "[\n{}\n]");
    expect(await problemOf(shop.export())).toMatch(/e\.json: it is one JSON array.*\n.*jq -c/);
  });
});

describe("flat Parquet", () => {
  it.each([
    ["TIMESTAMP", "TIMESTAMP '2026-11-21 10:01:00'"],
    ["TIMESTAMPTZ", "TIMESTAMPTZ '2026-11-21 12:01:00+02'"],
    ["BIGINT milliseconds", "1795255260000"],
    ["text", "'2026-11-21T10:01:00Z'"],
  ])("has times as %s", async (_, time) => {
    using shop = new Shop();
    await shop.writeParquet(
      "e.parquet",
      `SELECT 1 AS user_id, 'tea' AS sku, 'view' AS event, ${time} AS ts, 2 AS line`,
    );
    await shop.export();
    expect(await shop.interactions()).toMatchObject([{ user: "1", item: "tea", lastAt: 1795255260e6 }]);
  });

  it("has a list of items, a row an element; records are refused by name", async () => {
    using shop = new Shop();
    const row = `'a' AS user, TIMESTAMP '2026-11-21' AS time`;
    await shop.writeParquet(
      "e.parquet",
      `SELECT ${row}, ['x', 'y'] AS item, ['c', 'd'] AS category, [1, 0] AS qty`,
    );
    await shop.export();
    expect(await shop.pairs()).toEqual(["a x purchase 1"]);
    await shop.writeParquet("e.parquet", `SELECT ${row}, [{'id': 'x'}] AS item`);
    expect(await problemOf(shop.export())).toContain('the items in "item" are records');
  });

  it("may have other types than the file beside it", async () => {
    using shop = new Shop();
    await shop.writeParquet("a.parquet", `SELECT 'a' AS "user", 17 AS item, DATE '2026-11-21' AS time`);
    const later = "TIMESTAMP '2026-11-21 10:01:00'";
    await shop.writeParquet("b.parquet", `SELECT 'b' AS "user", 'tea' AS item, ${later} AS time`);
    await shop.export();
    const [a, b] = await shop.interactions();
    expect([a.item, b.item, b.lastAt]).toEqual(["17", "tea", 1795255260e6]);
  });

  it("has ids as text, stored as numbers or bytes", async () => {
    using shop = new Shop();
    await shop.writeParquet(
      "e.parquet",
      `SELECT 17850.0::DOUBLE AS "user", 't\\xC3\\xA9'::BLOB AS item, DATE '2026-11-21' AS day_, 1 AS qty`,
    );
    await shop.export({ map: { time: "day_" } });
    expect(await shop.pairs()).toEqual(["17850 té purchase 1"]);
  });
});

describe("a time", () => {
  const at = 1795255260e6;
  const day = 1795219200e6;

  /** Reads each text as the time of an item that it names itself. */
  async function timesOf(texts: string[]) {
    using shop = new Shop();
    shop.write("e.csv", ["user\titem\tevent\ttime", ...texts.map((text) => `a\t${text}.\tview\t${text}`)]);
    const { rejected } = await shop.export();
    const rows = await shop.interactions();
    return {
      rejected,
      times: Object.fromEntries(rows.map(({ item, lastAt }) => [item.slice(0, -1), lastAt])),
    };
  }

  it("is a number since 1970, or ISO 8601 and its kin", async () => {
    const expected = {
      "1795255260": at,
      "1795255260.25": at + 250_000,
      "1795255260000": at,
      "1795255260000001": at + 1,
      "1795255260000000000": at,
      "2026-11-21 10:01:00": at,
      "2026-11-21 10:01": at,
      "2026-11-21 10:01:00 UTC": at,
      "2026-11-21 10:01:00 GMT": at,
      "2026-11-21 10:01:00 +0000 UTC": at,
      "2026-11-21 11:01:00.5 +0100 CET": at + 500_000,
      "2026-11-21T10:01:00.5Z": at + 500_000,
      "2026-11-21T10:01:00,5Z": at + 500_000,
      "2026-11-21t10:01:00z": at,
      "2026-11-21T10:01Z": at,
      "2026-11-21T12:01:00+02:00": at,
      "2026-11-21T12:01:00+0200": at,
      "2026-11-21T05:01:00-05": at,
      "2026-11-21T05:01-05": at,
      "2026-11-21 05:01:00 -0500": at,
      "2026-11-21 05:01:00.000 -05:00": at,
      "2026-11-21 05:01:00 -05": at,
      "2026-11-21T12:01:00+02:00[Africa/Cairo]": at,
      "2026-11-21 11:01:00 Europe/Berlin": at,
      "20261121T100100Z": at,
      "20261121T1001": at,
      "20261121100100": at,
      "2026/11/21 10:01:00": at,
      "2026-11-21T10": day + 36_000e6,
      "2026-11-21T12+02": day + 36_000e6,
      "2026-11-21": day,
      "20261121": day,
      "2026.11.21": day,
      " 2026-11-21 ": day,
    };
    const { times, rejected } = await timesOf(Object.keys(expected));
    expect(times).toEqual(expected);
    expect(rejected).toEqual({});
  });

  it("that could be two days or is none is not guessed", async () => {
    const texts = ["11/12/2026", "21.11.2026", "2026-13-01", "2026-11", "202611211", "10:01:00"];
    texts.push("2026-11-21 10:01:00 CST", "1,795,255,260", "-5", "today");
    expect(await timesOf(texts).catch((error: Error) => error.message)).toMatch(/rejected: 10 bad_time/);
  });
});

describe("what is not there", () => {
  it.each([
    [
      {},
      "sku,event,time",
      /e\.csv: no column looks like the user; the columns are "sku", "event", "time"\n.*--map user=/,
    ],
    [{}, "user,sku", /no column looks like the time.*\n.*--map user=user,item=sku,time=COLUMN; .*--undated/],
    [{}, "user,time", /no column looks like the item.*\n.*--map user=user,item=COLUMN,time=time/],
    [
      {},
      "Kunden-Nr,Artikel Nr,Datum",
      /no column looks like the user.*\n.*--map 'user=Kunden-Nr,item=Artikel Nr,time=Datum'/,
    ],
    [{}, "420,2014-04-07T10:51:09.277Z,214536502", /do(es)? the file lack a line of column names\?/],
    [
      { item: "SKU_no" },
      "user,item,time",
      /there is no column "SKU_no"; the columns are "user", "item", "time"\n.*--map user=user,item=/,
    ],
  ])(
    "as a column is a problem that names file, columns and the next step: %j %s",
    async (map, header, expected) => {
      using shop = new Shop();
      shop.write("e.csv", [header, "1,2,3"]);
      expect(await problemOf(shop.export({ map }))).toMatch(expected);
    },
  );

  it("as an event name lists the names there are", async () => {
    using shop = new Shop();
    shop.write("e.csv", [
      "user,item,event,time",
      "a,b,guck,1795255260",
      "a,b,guck,1795255260",
      "a,b,kauf,1795255260",
    ]);
    const problem = await problemOf(shop.export());
    expect(problem).toMatch(/other events: guck \(2\), kauf \(1\)/);
    expect(problem).toMatch(/Next: .*--event-names guck=view_item/);
  });

  it("as a file, as a kind of file, or as anything in it is a problem", async () => {
    using shop = new Shop();
    expect(await problemOf(shop.export({ events: [] }))).toMatch(/no event files are named\n.*--events/);
    expect(await problemOf(shop.export())).toMatch(/there are no event files/);
    expect(await problemOf(shop.export({ events: ["nowhere/*.csv"] }))).toMatch(
      /nowhere\/\*\.csv: there is no such file/,
    );
    const readme = shop.write("README.md", "");
    expect(await problemOf(shop.export({ events: [readme] }))).toMatch(
      /README\.md: its name does not say what it is/,
    );
    expect(await problemOf(shop.export())).toMatch(/README\.md was left out/);
    shop.write("e.csv", "");
    expect(await problemOf(shop.export())).toMatch(/the files are all empty/);
    shop.write("e.csv", "user,item,event,time\n");
    expect(await problemOf(shop.export())).toMatch(/there are no rows/);
  });

  it("may be asked of a folder, whatever the names of folders below it", async () => {
    using shop = new Shop();
    for (const name of ["it's", "a[1]*?", "ä ö", "{part}", "{files}$1", "item=9", "c0=9"]) {
      mkdirSync(shop.path(name));
      shop.write(join(name, "a.csv"), "user,item,event,time\na,tea,view,1795255260\n");
      shop.write(join(name, "b.ndjson"), [{ user: "a", item: "tea", event: "view", time: 1795255260 }]);
    }
    await shop.export();
    expect(await shop.pairs()).toEqual(["a tea view_item 14"]);
  });

  it("in one file of several is a warning", async () => {
    using shop = new Shop();
    shop.write("a.csv", "user,item,event,time\na,b,view,1795255260\n");
    shop.write("b.csv", "\ufeff\r\n");
    const { ignored, warnings } = await shop.export();
    expect(warnings).toEqual([`${shop.path("b.csv")}: empty, ignored`]);
    expect(ignored).toEqual([{ path: shop.path("b.csv"), why: "it is empty" }]);
  });
});

describe("event names", () => {
  it("are GA4's, their synonyms in any case, and the shop's own, which win", async () => {
    using shop = new Shop();
    const names = ["VIEW", "addToCart", "Purchased", "scan", "scroll", ""];
    shop.write("e.csv", [
      "user,item,event,time",
      ...names.map((name) => `${name || "none"},i,${name},1795255260`),
    ]);
    const result = await shop.export({ eventNames: { scan: "add_to_cart", view: "purchase" } });
    expect(await shop.pairs()).toEqual([
      "Purchased i purchase 1",
      "VIEW i purchase 1",
      "addToCart i add_to_cart 1",
      "scan i add_to_cart 1",
    ]);
    expect(result).toMatchObject({ otherEvents: 2, rows: 6 });
  });

  it("can all be given a meaning with *", async () => {
    using shop = new Shop();
    shop.write("e.csv", ["user,item,event,time", "a,i,scroll,1795255260", "a,i,buy,1795255260"]);
    await shop.export({ eventNames: { "*": "view_item" } });
    expect(await shop.pairs()).toEqual(["a i purchase 1", "a i view_item 1"]);
  });
});

describe("event names", () => {
  it("without a column that holds the event are refused: views would count as purchases", async () => {
    using shop = new Shop();
    shop.write("events.csv", ["user,item,kind,time", "ann,tea,look,2026-11-21"]);
    const problem = await problemOf(shop.export({ eventNames: { look: "view_item" } }));
    expect(problem).toContain("the columns are user, item, kind, time");
    expect(problem).toContain("--map event=COLUMN");
  });

  it("of other kinds are listed, with the way to let them count", async () => {
    using shop = new Shop();
    shop.write("events.csv", ["user,item,event,time", "ann,tea,view,2026-11-21", "ann,cup,look,2026-11-21"]);
    const { otherEvents, warnings } = await shop.export();
    expect(otherEvents).toBe(1);
    expect(warnings.join()).toContain("look (1); if some of them count: --event-names look=view_item");
  });

  it("say with * what rows without an event column are", async () => {
    using shop = new Shop();
    shop.write("events.csv", ["user,item,time", "ann,tea,2026-11-21"]);
    await shop.export({ eventNames: { "*": "view_item" } });
    expect(await shop.interactions()).toMatchObject([{ event: "view_item" }]);
  });
});
