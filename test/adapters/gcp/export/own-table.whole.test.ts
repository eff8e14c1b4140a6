import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completeDays } from "../../../../adapters/gcp/export/event-source.ts";
import { exportStage } from "../../../../adapters/gcp/export/export-stage.ts";
import type { Interaction } from "../../../../contracts/interactions.ts";
import type { Manifest } from "../../../../contracts/manifest.ts";
import { ExportMetrics } from "../../../../contracts/metrics.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import { metricsOf } from "../../../../night/run/stage.ts";
import { startCloud, type Cloud } from "../../../stand-ins/cloud.ts";
import { Shop } from "../../local/export/shop.ts";
import { CloudShop, type Event } from "../cloud-shop.ts";

let cloud: Cloud;
let shops = 0;
beforeAll(async () => {
  cloud = await startCloud({ services: ["bigquery", "storage"] });
}, 600_000);
afterAll(() => cloud.close());

const typed = (types: Record<string, string>) =>
  Object.entries(types).map(([name, type]) => ({ name, type }));
const PRODUCT = { name: "product", type: "RECORD", fields: typed({ id: "INTEGER", title: "STRING" }) };
const SCHEMA = [
  ...typed({ customer: "STRING", visitor: "STRING", kind: "STRING", at: "TIMESTAMP", state: "STRING" }),
  ...typed({ qty: "NUMERIC", price: "FLOAT", region: "STRING" }),
  PRODUCT,
];
const MAP = {
  user: "customer",
  device: "visitor",
  item: "product.id",
  event: "kind",
  time: "at",
  quantity: "qty",
  status: "state",
  name: "product.title",
  price: "price",
  scope: "region",
};
const metrics = (manifest: Manifest) => metricsOf(manifest, "export", ExportMetrics);

const event = (fields: Event = {}): Event => ({
  customer: "ann",
  kind: "view",
  at: "2026-11-21T10:00:00Z",
  product: { id: 7, title: "Tea" },
  ...fields,
});

async function open(change: Partial<Settings> = {}): Promise<CloudShop> {
  const shop = new CloudShop(cloud, `own${++shops}`, { eventTable: "events", map: MAP, days: 3, ...change });
  return shop.open();
}
const exporting = (shop: CloudShop, lastDay = "2026-11-21") =>
  shop.night({ export: exportStage(shop.objects) }, { lastDay });

async function read(shop: CloudShop, manifest: Manifest): Promise<Interaction[]> {
  const folders = metrics(manifest).days.map(({ interactions }) => interactions);
  return shop.read(
    folders,
    `SELECT * EXCLUDE (name, category, price) REPLACE (count::DOUBLE AS count, "lastAt"::DOUBLE AS "lastAt")
     FROM rows ORDER BY day, "user", item, event`,
  );
}

describe("a table of the shop's own", () => {
  it("gives the interactions of the local export of the same rows", async () => {
    const change = {
      identity: "last_user_id",
      eventNames: { quickview: "view_item" },
      orderStatuses: { storniert: "cancelled" },
    } as const;
    const rows = [
      event(),
      event({ kind: "Order Completed", visitor: "device-1", qty: 2, price: 3.5, region: "north" }),
      event({ kind: "quickview", customer: "guest", visitor: "device-1", at: "2026-11-20T23:59:59Z" }),
      event({ kind: "order", state: "wc-refunded" }),
      event({ kind: "order", state: "Storniert" }),
      event({ kind: "order", qty: 0 }),
      event({ kind: "cart", qty: 0, customer: " ", visitor: null }),
      event({ kind: "basket", product: { id: 8, title: " " }, region: "south" }),
      event({ kind: "newsletter" }),
      event({ product: { id: null, title: "Tea" } }),
      event({ customer: "é".repeat(129) }),
    ];
    const shop = await open(change);
    await shop.add("events", rows, { schema: SCHEMA });
    const manifest = await exporting(shop);
    using local = new Shop();
    local.write("events.ndjson", rows);
    const { rejected } = await local.export({ map: MAP, ...change });
    expect(await read(shop, manifest)).toEqual(await local.interactions());
    expect(metrics(manifest)).toMatchObject({ interactions: 4, rows: rows.length, rejected });
  });

  it("is cut into days by its date column, in the shop's time zone", async () => {
    const shop = await open({ timeZone: "Europe/Berlin", dateColumn: "at" });
    const at = (time: string) => event({ at: time });
    const rows = [at("2026-11-19T22:30:00Z"), at("2026-11-19T23:30:00Z"), at("2026-11-21T22:59:59Z")];
    await shop.add("events", [...rows, at("2026-11-21T23:00:00Z")], { schema: SCHEMA });
    const found = await read(shop, await exporting(shop));
    expect(found.map(({ day }) => day)).toEqual(["2026-11-19", "2026-11-20", "2026-11-21"]);
    const days = await completeDays(shop.settings)("2026-11-20", "2026-11-30");
    expect(days).toEqual(["2026-11-20", "2026-11-21", "2026-11-22"]);
  });

  it("is exported again only where it may have changed", async () => {
    const shop = await open();
    await shop.add("events", [event()], { schema: SCHEMA });
    await exporting(shop);
    expect(metrics(await exporting(shop))).toMatchObject({ rows: 0, bytesBilled: 10 * 2 ** 20 });
    // Nobody knows when the rows of a view have changed. (The emulator does not find its columns.)
    const query = `SELECT customer, product.id AS item, at FROM \`${shop.settings.dataset}.events\``;
    const schema = typed({ customer: "STRING", item: "INTEGER", at: "TIMESTAMP" });
    await shop.add("mine", [], { view: { query, useLegacySql: false }, schema });
    Object.assign(shop.settings, { eventTable: "mine", map: { user: "customer", item: "item", time: "at" } });
    await exporting(shop);
    expect(metrics(await exporting(shop))).toMatchObject({ interactions: 1 });
  });

  it("is exported again by its partitions, where its date column divides it", async () => {
    const shop = await open({ dateColumn: "day" });
    const on = (day: string, fields: Event = {}) => event({ at: `${day}T10:00:00Z`, day, ...fields });
    const schema = [...SCHEMA, { name: "day", type: "DATE" }];
    const made = { schema, timePartitioning: { type: "DAY", field: "day" } };
    await shop.add("events", [on("2026-11-20"), on("2026-11-21")], made);
    await exporting(shop);
    await shop.add("events", [on("2026-11-20", { customer: "late" })]);
    const { rows, days } = metrics(await exporting(shop));
    expect(rows).toBe(2);
    expect(days.map(({ day, rows }) => [day, rows])).toEqual([
      ["2026-11-20", 2],
      ["2026-11-21", 1],
    ]);
    expect(metrics(await exporting(shop)).rows).toBe(0);
  });

  it("may not lack rows of the last day, nor cost more than is allowed", async () => {
    const shop = await open({ maximumBytesBilled: 15 * 2 ** 20 });
    await shop.add("events", [event()], { schema: SCHEMA });
    const late = await exporting(shop, "2026-11-22");
    expect(late.stages.export.reason).toMatch(/no row of 2026-11-22 itself; the latest is of 2026-11-21/);
    const dear = await exporting(shop);
    expect(dear.stages.export.reason).toMatch(/Exporting 1 days of events: BigQuery would bill 20,971,520/);
  });
});
