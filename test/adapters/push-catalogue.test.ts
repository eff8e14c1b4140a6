import { afterAll, beforeAll, expect, it } from "vitest";
import { pushCatalogue } from "../../adapters/push-catalogue.ts";
import { openStock, readStockPointer } from "../../night/state/stock.ts";
import { startCloud, type Cloud } from "../stand-ins/cloud.ts";
import { publishSnapshot } from "../published.ts";
import { BUCKET, shopOn } from "./gcp/stage-context.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ services: ["storage"], buckets: [BUCKET] });
}, 120_000);
afterAll(() => cloud.close());

it("A push reads an object, and names it where that cannot be read", async () => {
  const { settings, objects } = await shopOn(cloud);
  await publishSnapshot(objects, "2026-11-20.1");
  const source = `gs://${BUCKET}/feeds/stock.csv`;
  await expect(pushCatalogue(settings, objects, source)).rejects.toThrow(`Reading the catalogue ${source}`);
  await cloud.files.write(source, "sku,stock\nitem-0001,0\nitem-0002,7\n");
  const { metrics, model, known } = await pushCatalogue(settings, objects, source);
  expect([metrics.source, metrics.items, model]).toEqual([source, 2, "2026-11-20.1"]);
  // This model's manifest names no file with its items.
  expect(known).toBeUndefined();
  const pushed = await openStock(objects, (await readStockPointer(objects, settings.shop))!);
  expect([...pushed].sort().map(([id, { available }]) => [id, available?.value])).toEqual([
    ["item-0001", false],
    ["item-0002", true],
  ]);
});
