import { describe, expect, it } from "vitest";
import { problemOf, Shop } from "./shop.ts";

const product = (productSKU: string, more = {}) => ({
  productSKU,
  v2ProductName: `The ${productSKU}`,
  v2ProductCategory: "(not set)",
  productPrice: "12500000",
  ...more,
});
const hit = (time: number, action_type: string, ...products: object[]) => ({
  time: String(time),
  eCommerceAction: { action_type },
  product: products,
});
/** Numbers are text, as BigQuery writes 64 bits in JSON. */
const session = (fullVisitorId: string, hits: object[], more = {}) => ({
  fullVisitorId,
  visitStartTime: "1795255260",
  date: "20261121",
  ...more,
  hits,
});
const sessions = [
  session("11", [
    hit(0, "0"),
    hit(1500, "2", product("tea"), product("shown", { isImpression: true })),
    hit(2000, "3", product("tea")),
    hit(9000, "6", product("tea", { productQuantity: "2" }), product("pot", { productQuantity: "0" })),
  ]),
  session("22", [hit(0, "2", product("pot")), hit(5, "2")], { userId: "ann" }),
  session("33", []),
];

describe("an export of Google Analytics 360", () => {
  const expected = ["11 tea add_to_cart 1", "11 tea purchase 1", "11 tea view_item 1", "ann pot view_item 1"];

  it("is sessions with hits with products, of which those count that were more than shown", async () => {
    using shop = new Shop();
    shop.write("ga_sessions_20261121.json.gz", [...sessions, "broken"]);
    shop.write("ga_sessions_intraday_20261122.json.gz", sessions);
    const { rejected, otherEvents, ignored } = await shop.export();
    expect(await shop.pairs()).toEqual(expected);
    expect({ rejected, otherEvents }).toEqual({
      rejected: { cancelled: 1, no_item: 1, malformed_line: 1 },
      otherEvents: 2,
    });
    expect(ignored).toHaveLength(1);
    const [tea] = (await shop.items()).filter(({ item }) => item === "tea");
    expect(tea).toMatchObject({ name: "The tea", category: null, price: 12.5, lastAt: 1795255269e6 });
    expect(shop.rejects()).toContainEqual(expect.stringContaining(",2,no_item,"));
  });

  it.each([
    ["lists", (list: string) => list],
    ["records around lists", (list: string) => `{'list': list_transform(${list}, lambda e: {'element': e})}`],
  ])("may be Parquet, with %s", async (_, wrapped) => {
    using shop = new Shop();
    const source = shop.write("rows.txt", sessions.slice(0, 2));
    const products = wrapped("hit.product");
    const hits = `list_transform(hits, lambda hit: {'time': hit."time"::BIGINT, 'eCommerceAction': hit.eCommerceAction, 'product': ${products}})`;
    const types = `{fullVisitorId: 'VARCHAR', userId: 'VARCHAR', visitStartTime: 'BIGINT', date: 'VARCHAR',
      hits: 'STRUCT("time" VARCHAR, eCommerceAction STRUCT(action_type VARCHAR), product STRUCT(productSKU VARCHAR, v2ProductName VARCHAR, v2ProductCategory VARCHAR, productPrice BIGINT, productQuantity BIGINT, isImpression BOOLEAN)[])[]'}`;
    await shop.writeParquet(
      "ga_sessions_20261121.parquet",
      `SELECT * REPLACE (${wrapped(hits)} AS hits) FROM read_json('${source}', columns = ${types}, format = 'newline_delimited')`,
    );
    await shop.export({ events: [shop.path("ga_sessions_20261121.parquet")] });
    expect(await shop.pairs()).toEqual(expected);
  });

  it("has no fields that GA4 alone has", async () => {
    using shop = new Shop();
    shop.write("e.ndjson", sessions);
    expect(await problemOf(shop.export({ ga4Hosts: ["a.example"] }))).toContain("Google Analytics 360");
  });
});
