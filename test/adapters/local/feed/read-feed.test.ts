import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDuckDB, query, type DuckDB } from "../../../../adapters/local/duckdb.ts";
import { FEED, readFeed } from "../../../../adapters/local/feed/read-feed.ts";
import type { FeedColumn } from "../../../../contracts/catalogue.ts";
import { temporaryFolder } from "../../../temporary.ts";

const folder = temporaryFolder();
let db: DuckDB;
beforeAll(async () => void (db = await openDuckDB()));
afterAll(() => db.close());

async function read(
  name: string,
  content: string | Uint8Array,
  catalogueMap: Partial<Record<FeedColumn, string>> = {},
) {
  const path = join(folder, name);
  writeFileSync(path, content);
  const newIds = new Map([
    ["OLD-1", "NEW-1"],
    ["OLD-2", "NEW-2"],
  ]);
  const aliases = { source: "aliases.csv", sha256: "", newIds };
  const metrics = await readFeed(db.connection, path, { catalogueMap }, aliases);
  const rows = await query<Record<string, unknown> & { item: string }>(db.connection, `FROM ${FEED}`);
  // What is unknown is not listed.
  const known = (row: object) =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && `${value}` !== ""));
  return { metrics, items: Object.fromEntries(rows.map(({ item, ...row }) => [item, known(row)])) };
}

describe("a catalogue", () => {
  it("that unpacks out of all proportion is refused before it fills the disk", async () => {
    const rows = gzipSync(`1,${"x".repeat(1 << 20)}\n`.repeat(16));
    const members = [gzipSync("id,title\n"), ...Array.from({ length: 17 }, () => rows)];
    await expect(read("bomb.csv.gz", Buffer.concat(members))).rejects.toThrow(/200 times its packed size/);
  });

  it("with more columns than any is refused by its header", async () => {
    const header = Array.from({ length: 9000 }, (_, k) => `c${k}`).join(",");
    await expect(read("wide.csv", `id,${header}\n`)).rejects.toThrow(/it has more than 5000 columns/);
  });

  it("gives items the ids that they have now, by their own row where there is one", async () => {
    const rows = ["id,availability", "OLD-1,in stock", "NEW-2,in stock", "OLD-2,sold out"];
    const { items, metrics } = await read("old.csv", rows.join("\n"));
    expect(items).toEqual({ "NEW-1": { available: true }, "NEW-2": { available: true } });
    expect(metrics).toMatchObject({ items: 2, faults: { repeated_id: 1 } });
  });

  it("is read from Google Merchant's TSV", async () => {
    const { items } = await read(
      "feed.txt",
      [
        "id\ttitle\tlink\timage link\tavailability\tprice\tsale price\titem_group_id\tproduct_type\tgoogle_product_category",
        "R1\tLamp, red\thttps://x.example/r\thttps://x.example/r.jpg\tin_stock\t12.50 EUR\t10.00 EUR\tL\tHome > Light, Sale\t594",
        "B1\tLamp, blue\t\t\tout_of_stock\t1,299.00 USD\t\tL\t\t594",
        "P1\tPot\t\t\tpreorder\t3\t\t\t\t",
      ].join("\n"),
    );
    expect(items).toEqual({
      R1: {
        name: "Lamp, red",
        categories: ["Home > Light", "Sale", "Light", "Home"],
        price: 10,
        available: true,
        link: "https://x.example/r",
        image: "https://x.example/r.jpg",
        group: "L",
      },
      B1: { name: "Lamp, blue", categories: ["594"], price: 1299, available: false, group: "L" },
      P1: { name: "Pot", price: 3, available: true },
    });
  });

  const item = (content: string) => `<item>${content}</item>`;
  const rss = (...items: string[]) =>
    `<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>${items.join("\n")}</channel></rss>`;

  it("is read from Google Merchant's XML, zipped too", async () => {
    const content = rss(
      item(
        "<g:id>007</g:id><title><![CDATA[Lamp & co]]></title><g:shipping><g:price>5 EUR</g:price></g:shipping>" +
          "<g:price>12,50 EUR</g:price><g:availability>https://schema.org/InStock</g:availability>" +
          "<g:product_type>Home &gt; Light</g:product_type><g:product_type>Sale</g:product_type>",
      ),
      item(
        "<g:id>old</g:id><g:price>9 EUR</g:price><g:sale_price>1 EUR</g:sale_price>" +
          "<g:sale_price_effective_date>2020-01-01T00:00+0100/2020-02-01T00:00+0100</g:sale_price_effective_date>",
      ),
    );
    const { items, metrics } = await read("feed.xml.gz", gzipSync(content));
    expect(items).toEqual({
      "007": {
        name: "Lamp & co",
        categories: ["Home > Light", "Sale", "Light", "Home"],
        price: 12.5,
        available: true,
      },
      old: { price: 9 },
    });
    expect(metrics).toMatchObject({ rows: 2, items: 2, available: 1, soldOut: 0, faults: {} });
  });

  it("is read from an Atom feed", async () => {
    const entry = `<entry><g:id>A</g:id><title>Lamp</title><link href="https://x.example/a"/></entry>`;
    const { items } = await read("atom.xml", `<feed xmlns:g="http://base.google.com/ns/1.0">${entry}</feed>`);
    expect(items).toEqual({ A: { name: "Lamp", link: "https://x.example/a" } });
  });

  it("is read from Shopify's product export: a row a variant, rows of pictures between", async () => {
    const { items } = await read(
      "products_export.csv",
      [
        "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Image Src,Variant Image,Status",
        'shirt,Shirt,"<p>Nice, ""really""\n</p>",Acme,Apparel > Shirts,,"a, b",true,Size,S,SH-S,shopify,3,deny,19.90,https://x.example/1.jpg,,active',
        "shirt,,,,,,,,,M,SH-M,shopify,0,deny,19.90,,https://x.example/m.jpg,",
        "shirt,,,,,,,,,L,SH-L,shopify,0,continue,19.90,,,",
        "shirt,,,,,,,,,,,,,,,https://x.example/2.jpg,,",
        "gift,Gift card,,Acme,,Gifts,,true,,,GIFT,,,deny,50,,,active",
        "old,Old,,Acme,,,,true,,,OLD,shopify,5,deny,5,,,draft",
      ].join("\n"),
    );
    const shirt = { name: "Shirt", categories: ["Apparel > Shirts", "Shirts", "Apparel"], price: 19.9 };
    const image = "https://x.example/1.jpg";
    expect(items).toEqual({
      "SH-S": { ...shirt, available: true, image, group: "shirt" },
      "SH-M": { ...shirt, available: false, image: "https://x.example/m.jpg", group: "shirt" },
      "SH-L": { ...shirt, available: true, image, group: "shirt" },
      GIFT: { name: "Gift card", categories: ["Gifts"], price: 50, available: true, group: "gift" },
      OLD: { name: "Old", price: 5, available: false, group: "old" },
    });
  });

  it("is read from WooCommerce's product export: variations name their parent", async () => {
    const { items, metrics } = await read(
      "wc-product-export.csv",
      [
        'ID,Type,SKU,Name,Published,"In stock?",Stock,"Sale price","Regular price",Categories,Images,Parent',
        '10,variable,HOOD,Hoodie,1,1,,,,"Clothing > Hoodies, Now\\, or never","https://x.example/h.jpg, https://x.example/2.jpg",',
        "11,variation,HOOD-R,Hoodie - Red,1,0,0,,45,,,HOOD",
        '12,"simple, virtual",,Album,1,backorder,,15,20,Music,,',
        "13,variable,,Cap,1,1,,,,Caps,,",
        "14,variation,,Cap - Blue,1,1,,,8,,,id:13",
        "15,simple,X,Draft,-1,1,,,20,Music,,",
      ].join("\n"),
    );
    const hood = {
      categories: ["Clothing > Hoodies", "Now, or never", "Hoodies", "Clothing"],
      image: "https://x.example/h.jpg",
      group: "HOOD",
    };
    expect(items).toEqual({
      10: { name: "Hoodie", available: true, ...hood },
      11: { name: "Hoodie - Red", available: false, price: 45, ...hood },
      12: { name: "Album", available: true, price: 15, categories: ["Music"] },
      13: { name: "Cap", available: true, categories: ["Caps"], group: "13" },
      14: { name: "Cap - Blue", available: true, price: 8, categories: ["Caps"], group: "13" },
      15: { name: "Draft", available: false, price: 20, categories: ["Music"] },
    });
    expect(metrics.columns).toMatchObject({ id: "ID", available: "In stock?", price: "Regular price" });
  });

  it("is read from NDJSON, and from one array of objects", async () => {
    const objects = [
      { id: "A", name: "Lamp", categories: ["x", "y > z"], price: 3.5, available: true },
      { id: 4711, price: "1.299,00 €", quantity: 0 },
    ].map((one) => JSON.stringify(one));
    const expected = {
      A: { name: "Lamp", categories: ["x", "y > z", "z", "y"], price: 3.5, available: true },
      4711: { price: 1299, available: false },
    };
    const lines = await read("own.ndjson", `${objects.join("\n")}\nbroken\n`);
    expect(lines.items).toEqual(expected);
    expect(lines.metrics).toMatchObject({ rows: 3, items: 2, faults: { malformed_line: 1 } });
    expect((await read("own.json", `[${objects.join(", ")}]`)).items).toEqual(expected);
  });

  it("is read from Parquet: whole numbers have no decimals", async () => {
    const path = join(folder, "own.parquet");
    const rows = `SELECT 4711.0::DOUBLE AS id, ['a', 'b'] AS category, 2.5::DECIMAL(9,2) AS price, true AS available`;
    await db.connection.run(`COPY (${rows}) TO '${path}'`);
    await readFeed(db.connection, path, { catalogueMap: {} });
    const sql = `SELECT item, categories, price, available FROM ${FEED}`;
    expect(await query(db.connection, sql)).toEqual([
      { item: "4711", categories: ["a", "b"], price: 2.5, available: true },
    ]);
  });

  it("has no NaN: of what a data frame lacks nothing is known", async () => {
    const path = join(folder, "frame.parquet");
    const rows = `SELECT 'A' AS id, 'nan'::DOUBLE AS quantity, 1e16::DOUBLE AS price
      UNION ALL SELECT 'B', 2, 'nan'::DOUBLE`;
    await db.connection.run(`COPY (${rows}) TO '${path}'`);
    const { faults } = await readFeed(db.connection, path, { catalogueMap: {} });
    expect(faults).toEqual({});
    const sql = `SELECT item, available, price FROM ${FEED} ORDER BY item`;
    expect(await query(db.connection, sql)).toEqual([
      { item: "A", available: null, price: 1e16 },
      { item: "B", available: true, price: null },
    ]);
    const { items } = await read("frame.csv", "id,quantity\nA,NaN\nB,2\n");
    expect(items).toEqual({ A: {}, B: { available: true } });
  });

  it("counts what it leaves out, each by its reason", async () => {
    const long = "x".repeat(257);
    const { items, metrics } = await read(
      "own.csv",
      `id;title;price;availability;link\nA;one;1;yes;\n;none;;;\n${long};long;;;\nB;;free;perhaps;javascript:alert(1)\nA;two;2;no;\n`,
    );
    expect(items).toEqual({ A: { name: "two", price: 2, available: false }, B: {} });
    expect(metrics).toMatchObject({
      rows: 5,
      items: 2,
      faults: {
        no_id: 1,
        bad_id: 1,
        repeated_id: 1,
        unread_price: 1,
        unread_availability: 1,
        unread_link: 1,
      },
    });
  });

  it("has the columns that --catalogue-map names", async () => {
    const { items } = await read("own.csv", "id,sku,title\n1,LAMP,Lamp\n", { id: "sku" });
    expect(items).toEqual({ LAMP: { name: "Lamp" } });
    const wrong = read("own.csv", "id,title\n1,Lamp\n", { id: "SKU" });
    await expect(wrong).rejects.toThrow("it has no column SKU\n  Next: name one of its columns");
  });

  it.each([
    ["nothing.csv", "", "it is empty"],
    ["broken.xml", `${rss(item("<g:id>A</g:id>"))}</rss>`, "it is not well-formed XML"],
    ["deep.xml", `<rss>${"<a>".repeat(1000)}`, "elements lie in each other more than 100 deep"],
    ["wide.xml", `<rss ${"abcdefghij".repeat(11).replaceAll(/./g, (_, at) => `a${at}="" `)}/>`, "attributes"],
    ["bomb.xml", `<!DOCTYPE x [<!ENTITY a "b">]>${rss(item("&a;"))}`, "Invalid character entity"],
    ["object.json", JSON.stringify(Object.fromEntries([..."x".repeat(5001)].entries())), "5000 columns"],
    ["items.xlsx", "PK\u0003\u0004", "it is a spreadsheet or a ZIP archive"],
    ["names.csv", "title,price\nLamp,3\n", "it has no column of ids"],
    ["blank.csv", "id,title\n,Lamp\n", "no row of it has an id in the column id"],
  ])("is refused with the reason: %s", async (name, content, why) => {
    await expect(read(name, content)).rejects.toThrow(why);
  });
});
