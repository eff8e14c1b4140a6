import type { Command } from "commander";
import { openItemAliases } from "../../adapters/item-aliases.ts";
import { openObjects } from "../../adapters/storage/choose.ts";
import type { FeedMetrics } from "../../contracts/metrics.ts";
import { faultLines } from "../../night/run/feed-warnings.ts";
import { requirePointer } from "../../night/state/pointer.ts";
import { pushStock } from "../../night/state/stock.ts";
import { settingsOf, withSettings, withSome } from "../options.ts";
import { count } from "../table.ts";

export function addCatalogue(program: Command): void {
  const command = program
    .command("catalogue")
    .description("the shop's catalogue between two nights")
    .command("push")
    .description("refresh availability and prices; recommenders follow within seconds")
    .argument("<file>", "all of the catalogue, or the items that have changed")
    .addHelpText("after", EXAMPLES);
  withSome(withSettings(command, "shop"), "Catalogue", "catalogueMap", "itemAlias").action(push);
}

const EXAMPLES = `
Examples:
  steamer catalogue push products_export.csv --shop mine
  */10 * * * * steamer catalogue push stock.csv --shop mine      # in a crontab`;

async function push(file: string, options: Record<string, unknown>): Promise<void> {
  const settings = settingsOf(options);
  const { shop } = settings;
  const objects = await openObjects(settings);
  // A mistyped shop must not pass in silence.
  await requirePointer(objects, shop);
  const at = new Date();
  const { readStock } = await import("../../adapters/local/feed/read-stock.ts");
  const { metrics, items } = await readStock(file, settings, await openItemAliases(settings));
  for (const line of faultLines(metrics)) process.stderr.write(`  Note: ${line}\n`);
  await pushStock(objects, { shop, items, at });
  console.log(`${shop}: ${summary(metrics)}. Recommenders follow within seconds.`);
}

const summary = ({ items, available, soldOut }: FeedMetrics) =>
  `${count(items)} items are pushed, ${count(available)} in stock, ${count(soldOut)} sold out`;
