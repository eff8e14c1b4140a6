import { expect, it } from "vitest";
import { chooseTableColumns } from "../../contracts/event-table.ts";

const FIELDS = [
  { name: "customer_id", type: "INT64" },
  { name: "sku", type: "STRING" },
  { name: "kind", type: "STRING" },
  { name: "At", type: "TIMESTAMP" },
  { name: "day", type: "DATE" },
  { name: "amount", type: "STRING" },
  {
    name: "product",
    type: "RECORD",
    fields: [
      { name: "id", type: "STRING" },
      { name: "tags", type: "STRING", mode: "REPEATED" },
    ],
  },
];
const MAP = { user: "customer_id", item: "sku", time: "at" };
const choose = (change: object, timePartitioning?: { field?: string }) =>
  chooseTableColumns(
    "p.d.t",
    { schema: { fields: FIELDS }, timePartitioning },
    { map: MAP, eventNames: {}, ga4Streams: [], ga4Hosts: [], ...change },
  );

it("columns are those of the setting map, in any case, and fields of records", () => {
  const columns = choose({ map: { ...MAP, item: "product.id" }, dateColumn: "day" });
  expect(columns).toEqual({
    user: { sql: "`customer_id`", type: "INTEGER" },
    item: { sql: "`product`.`id`", type: "STRING" },
    time: { sql: "`At`", type: "TIMESTAMP" },
    date: { sql: "`day`", type: "DATE" },
  });
  expect(choose({}).date).toEqual(columns.time);
  expect(choose({ dateColumn: "_PARTITIONDATE" }, {}).date.type).toBe("DATE");
});

it.each([
  [
    "nothing is named",
    { map: {} },
    /user, the item, the time; there are "customer_id".*\n.*--map user=customer_id,item=sku,time=At/,
  ],
  ["a column is not there", { map: { ...MAP, user: "buyer" } }, /no column buyer; there are "customer_id"/],
  [
    "a column lies in a list",
    { map: { ...MAP, item: "product.tags" } },
    /lies in a list[^]*a view .* with UNNEST/,
  ],
  [
    "a price is text",
    { map: { ...MAP, price: "amount" } },
    /amount is STRING; map\.price wants INTEGER[^]*with CAST/,
  ],
  [
    "a time is text",
    { map: { ...MAP, time: "sku" } },
    /sku is STRING; map\.time wants TIMESTAMP, DATETIME, DATE/,
  ],
  ["rows are not dated by arrival", { dateColumn: "_PARTITIONDATE" }, /no column _PARTITIONDATE/],
  ["GA4's stores are asked for", { ga4Hosts: ["shop.example"] }, /ga4Hosts are for GA4's tables/],
  [
    "names of events have no column",
    { eventNames: { seen: "view_item" } },
    /eventNames is given[^]*map\.event/,
  ],
])("a table is refused where %s", (_what, change, why) => {
  expect(() => choose(change)).toThrow(why);
});
