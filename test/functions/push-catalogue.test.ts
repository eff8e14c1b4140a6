import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fileObjects } from "../../adapters/storage/files.ts";
import { paths } from "../../contracts/layout.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { pushCatalogueEndpoint } from "../../functions/push-catalogue.ts";
import { openStock, readStockPointer } from "../../night/state/stock.ts";
import { settingsWith } from "../night/shop.ts";
import { publishSnapshot } from "../published.ts";
import { temporaryFolder } from "../temporary.ts";

/** A shop with a model of items that the catalogue may know. */
async function shopWith(change: (folder: string) => Partial<Settings>) {
  const data = temporaryFolder();
  const objects = fileObjects(data);
  await publishSnapshot(objects, "2026-11-20.1");
  const logged: unknown[] = [];
  const call = pushCatalogueEndpoint.work({
    body: { shop: "toys" },
    settings: settingsWith({ data, ...change(data) }),
    log: (...line) => logged.push(line),
    caller: "the scheduler",
  });
  return { call, objects, logged };
}

it("The function pushes the catalogue of the settings, as the command does, and logs how much it was", async () => {
  const { call, objects, logged } = await shopWith((folder) => {
    const catalogue = join(folder, "products.csv");
    writeFileSync(catalogue, "id,price,availability\nitem-0001,7,in stock\nitem-0002,,sold out\n");
    return { catalogue };
  });
  expect(await call).toMatchObject({ items: 2, available: 1, soldOut: 1 });
  expect(logged).toMatchObject([["INFO", "2 items are pushed", { event: "catalogue pushed", soldOut: 1 }]]);
  const pushed = new Map(await openStock(objects, (await readStockPointer(objects, "toys"))!));
  expect(pushed.get("item-0002")).toMatchObject({ available: { value: false }, price: null });
});

it("The function says that a shop has no catalogue, and pushes nothing", async () => {
  const { call, objects } = await shopWith(() => ({}));
  await expect(call).rejects.toThrow(/Pushing the catalogue of toys[^]*it has none/);
  expect(await objects.get(paths.stock("toys"))).toBeNull();
});
