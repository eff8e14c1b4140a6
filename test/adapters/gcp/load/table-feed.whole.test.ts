import { afterAll, beforeAll, expect, it } from "vitest";
import { readFeedInCloud } from "../../../../adapters/gcp/load/feed-in-cloud.ts";
import { openDuckDB, query } from "../../../../adapters/local/duckdb.ts";
import { FEED } from "../../../../adapters/local/feed/read-feed.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { startCloud, type Cloud } from "../../../stand-ins/cloud.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { CloudShop } from "../cloud-shop.ts";
import { shopOn } from "../stage-context.ts";

let cloud: Cloud;
let shop: CloudShop;
let source: string;
const fields = [
  ...["sku", "title", "link"].map((name) => ({ name, type: "STRING" })),
  { name: "category", type: "STRING", mode: "REPEATED" as const },
  { name: "price", type: "NUMERIC" },
  { name: "stock", type: "INTEGER" },
];

beforeAll(async () => {
  cloud = await startCloud({ services: ["bigquery", "storage"] });
  shop = await new CloudShop(cloud, "catalogue").open();
  source = `${cloud.project}.${shop.settings.dataset}.products`;
  const many = Array.from({ length: 12_000 }, (_, k) => ({ sku: `mug-${k}`, category: [], stock: k % 2 }));
  const some = [
    { sku: "007", title: 'A "cup"', category: ["Home > Cups", "Sale"], price: "12.50", stock: 3 },
    { sku: "jug", title: "Jug\nof two lines", category: [], price: null, stock: null, link: "javascript:x" },
  ];
  await shop.add("products", [...some, ...many.slice(0, 9_000)], { schema: fields });
  await shop.add("products", many.slice(9_000), { schema: fields });
}, 600_000);
afterAll(() => cloud.close());

async function read(change: Partial<Settings> = {}, catalogue = source) {
  const db = await openDuckDB();
  try {
    const { contextOf, settings } = await shopOn(cloud, change);
    const context = { ...contextOf(), settings };
    const metrics = await readFeedInCloud(db.connection, context, catalogue, temporaryFolder());
    const columns = "item, name, categories[1] AS category, price, available, link";
    const rows = `SELECT ${columns} FROM ${FEED} WHERE NOT starts_with(item, 'mug') ORDER BY item`;
    return { metrics, items: await query(db.connection, rows) };
  } finally {
    db.close();
  }
}

it("a table of BigQuery is read as a file is, and counts what was billed", async () => {
  const { metrics, items } = await read();
  expect(metrics).toMatchObject({
    source,
    rows: 12_002,
    items: 12_002,
    available: 6_001,
    soldOut: 6_000,
    columns: { id: "sku", price: "price", available: "stock" },
    faults: { unread_link: 1 },
    bytesBilled: 10 * 2 ** 20,
  });
  const unknown = { category: null, price: null, available: null, link: null };
  expect(items).toEqual([
    { item: "007", name: 'A "cup"', category: "Home > Cups", price: 12.5, available: true, link: null },
    { item: "jug", name: "Jug\nof two lines", ...unknown },
  ]);
});

it("a table's columns can be named", async () => {
  const { metrics } = await read({ catalogueMap: { id: "title" } });
  expect(metrics).toMatchObject({ items: 2, columns: { id: "title" }, faults: { no_id: 12_000 } });
});

it("nothing is read above the limit, or from a table that is not there", async () => {
  await expect(read({ maximumBytesBilled: 1e6 })).rejects.toThrow(
    /would bill 10,485,760 bytes[^]*a view of the columns that count/,
  );
  await expect(read({}, `${source}2`)).rejects.toThrow(/the catalogue .*products2[^]*NOT_FOUND/);
});
