import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { problemOf, Shop } from "./shop.ts";

describe("the columns of a flat file", () => {
  it("are ids before names, and no numbers of lines", async () => {
    using shop = new Shop();
    shop.write("a.csv", [
      "Item,Customer,Customer ID,SKU,Item Name,Date,Status",
      "1,Jo Smith,u-17,MUG,Mug,2026-11-20,done",
      "2,Jo Smith,u-17,POT,Pot,2026-11-20,done",
      "1,Jo Smith,u-18,MUG,Mug,2026-11-20,done",
    ]);
    shop.write("b.csv", ["user,product,product_id,time", "bo,Lamp,L-1,2026-11-21"]);
    const { reading } = await shop.export();
    expect(await shop.pairs()).toEqual([
      "u-17 MUG purchase 1",
      "u-17 POT purchase 1",
      "u-18 MUG purchase 1",
      "bo L-1 purchase 1",
    ]);
    expect(reading).toEqual([
      `${shop.path("a.csv")}: user=Customer ID, item=SKU, time=Date, status=Status, name=Item Name; the first is purchase of MUG (Mug) at 2026-11-20T00:00:00Z by a user like x-99`,
      `${shop.path("b.csv")}: user=user, item=product_id, time=time; the first is purchase of L-1 at 2026-11-21T00:00:00Z by a user like xx`,
    ]);
  });

  it("fall back to the device, as in a nested export; --map device names another", async () => {
    using shop = new Shop();
    shop.write("ga4.csv", [
      "event_date,event_timestamp,event_name,user_id,user_pseudo_id,item_id",
      "20261121,1795255260000000,view_item,u7,0.1,I0",
      "20261121,1795255260000001,view_item,,1.1,I0",
      "20261121,1795255260000002,view_item,undefined,2.1,I0",
    ]);
    await shop.export();
    expect((await shop.interactions()).map(({ user }) => user)).toEqual(["1.1", "2.1", "u7"]);
    await shop.export({ identity: "user_pseudo_id" });
    expect((await shop.interactions()).map(({ user }) => user)).toEqual(["0.1", "1.1", "2.1"]);
    shop.write("ga4.csv", ["who,cookie,item,time", ",c1,I0,2026-11-21"]);
    await shop.export({ map: { user: "who", device: "cookie" } });
    expect((await shop.interactions()).map(({ user }) => user)).toEqual(["c1"]);
  });

  it("may say that an order came to nothing, in the shop's own words too", async () => {
    using shop = new Shop();
    shop.write("e.csv", [
      "user,item,time,order status",
      ...["Completed", "wc-refunded", "Storniert", "voided"].map(
        (status, k) => `u${k},i,2026-11-21,${status}`,
      ),
    ]);
    const orderStatuses = { storniert: "cancelled", voided: "bought" } as const;
    expect((await shop.export({ orderStatuses })).rejected).toEqual({ cancelled: 2 });
    expect(await shop.pairs()).toEqual(["u0 i purchase 1", "u3 i purchase 1"]);
  });
});

describe("times that are not ISO 8601", () => {
  it("stand in two columns, named or found", async () => {
    using shop = new Shop();
    shop.write("a.csv", ["user,item,date,time", "a,i,2026-11-21,9:30", "b,i,2026-11-21 00:00:00,10:01:00"]);
    await shop.export();
    const times = [1795253400e6, 1795255260e6];
    expect((await shop.interactions()).map(({ lastAt }) => lastAt)).toEqual(times);
    await shop.export({ map: { time: "Date+Time" } });
    expect((await shop.interactions()).map(({ lastAt }) => lastAt)).toEqual(times);
  });

  it("are read by --time-format, which the failure names", async () => {
    using shop = new Shop();
    shop.write("a.csv", ["user,item,time", "a,i,12/11/2026 9:30"]);
    const said = await problemOf(shop.export());
    expect(said).toContain(
      `("12/11/2026 9:30"): --time-format '%d/%m/%Y %H:%M' or --time-format '%m/%d/%Y %H:%M'`,
    );
    await shop.export({ timeFormat: "%d/%m/%Y %H:%M" });
    expect(await shop.interactions()).toMatchObject([{ day: "2026-11-12" }]);
    rmSync(shop.path("a.csv"));
    shop.write("a.ndjson", ['{"user":"a","item":"i","time":"12/11/2026 9:30","price":NaN}']);
    expect(await problemOf(shop.export())).toContain("--time-format '%d/%m/%Y %H:%M'");
    shop.write("a.ndjson", []);
    shop.write("a.csv", ["user,item,time", "a,i,21.11.26"]);
    expect(await problemOf(shop.export({ rejectLimit: 0 }))).toContain("--time-format '%d.%m.%y'; or raise");
  });

  it("may be lacking altogether: --undated says the day", async () => {
    using shop = new Shop();
    shop.write("order_products__prior.csv", [
      "order_id,product_id,add_to_cart_order,reordered",
      "2,33120,1,1",
    ]);
    const { reading } = await shop.export({ undated: "2026-11-21" });
    expect(await shop.interactions()).toMatchObject([{ user: "2", item: "33120", day: "2026-11-21" }]);
    expect(reading[0]).toContain("Instacart order products: user=order_id, item=product_id; no customer");
  });
});

describe("a number", () => {
  it("is read as shops write it, and left alone where it could be two", async () => {
    using shop = new Shop();
    const prices: Record<string, number | null> = {
      "12.5": 12.5,
      "12,50": 12.5,
      "12.50 EUR": 12.5,
      "€12,50": 12.5,
      "kr 12,50": 12.5,
      "$1,299.00": 1299,
      "1.299,00 €": 1299,
      "1 299,00": 1299,
      "1'299.50": 1299.5,
      "1,299": null,
      free: null,
      "3 for 10": null,
    };
    shop.write(
      "e.csv",
      [
        "user\titem\ttime\tqty\tprice",
        ...Object.keys(prices).map((price) => `u\t${price}.\t2026-11-21\t1,0\t${price}`),
      ].map((line) => line.replaceAll("\\\t", "\t")),
    );
    const { rejected, warnings } = await shop.export();
    expect(rejected).toEqual({});
    expect(warnings.join("\n")).toContain('3 prices are left out, such as "1,299": no numbers, or');
    expect(
      Object.fromEntries((await shop.items()).map(({ item, price }) => [item.slice(0, -1), price])),
    ).toEqual(prices);
  });
});

describe("a text that is not UTF-8", () => {
  it("is read by --encoding, which the failure names", async () => {
    using shop = new Shop();
    const text = "user;item;time;name\nann;tea;2026-11-21;Käse\nbob;tea;2026-11-21;Käse\n";
    shop.write("a.csv", Buffer.from(text, "latin1"));
    expect(await problemOf(shop.export({ rejectLimit: 0 }))).toContain("--encoding windows-1252");
    await shop.export({ encoding: "windows-1252" });
    expect(await shop.items()).toMatchObject([{ item: "tea", name: "Käse" }]);
    shop.write("a.csv", Buffer.from(`\uFEFF${text}`, "utf16le"));
    expect(await problemOf(shop.export())).toContain(
      "its text is UTF-16, not UTF-8\n  Next: Read it with --encoding utf-16le",
    );
    await shop.export({ encoding: "utf-16le" });
    expect(await shop.items()).toMatchObject([{ item: "tea", name: "Käse" }]);
    shop.write("a.csv", Buffer.from([...Buffer.from(text), 0xff]));
    expect(await problemOf(shop.export({ encoding: "shift_jis" }))).toContain(
      "no text in shift_jis\n  Next: Name",
    );
  });
});
