import type { Command } from "commander";
import type { Push } from "../../adapters/push-catalogue.ts";
import { openObjects } from "../../adapters/storage/choose.ts";
import type { FeedMetrics } from "../../contracts/metrics.ts";
import { faultLines } from "../../night/run/feed-warnings.ts";
import { settingsOf, withSettings, withSome } from "../options.ts";
import { count } from "../table.ts";
import { print, tell } from "../print.ts";

export function addCatalogue(program: Command): void {
  const command = program
    .command("catalogue")
    .description("the shop's catalogue between two nights")
    .command("push")
    .description("refresh availability and prices; recommenders follow within seconds")
    .argument("<file>", "all of the catalogue, or the items that have changed; or gs://<bucket>/<path>")
    .addHelpText("after", EXAMPLES);
  withSome(withSettings(command, "shop"), "Catalogue", "catalogueMap", "itemAlias").action(push);
}

const EXAMPLES = `
Examples:
  steamer catalogue push products_export.csv --shop mine
  */10 * * * * steamer catalogue push stock.csv --shop mine      # in a crontab`;

async function push(source: string, options: Record<string, unknown>): Promise<void> {
  const settings = settingsOf(options);
  const { pushCatalogue } = await import("../../adapters/push-catalogue.ts");
  const pushed = await pushCatalogue(settings, await openObjects(settings), source);
  for (const line of [...faultLines(pushed.metrics), ...strangers(pushed)]) tell(`  Note: ${line}\n`);
  print(`${settings.shop}: ${summary(pushed.metrics)}. Recommenders follow within seconds.`);
}

const summary = ({ items, available, soldOut }: FeedMetrics) =>
  `${count(items)} items are pushed, ${count(available)} in stock, ${count(soldOut)} sold out`;

/** Ids of another kind are the likeliest fault of a catalogue. */
function strangers({ metrics, model, known }: Push): string[] {
  if (!known || known.items === metrics.items) return [];
  const few = known.strangers.join(", ");
  const more = metrics.items - known.items > known.strangers.length ? ", …" : "";
  const none = "none: are ids in another column? --catalogue-map id=<column>";
  const has = known.items === 0 ? none : count(known.items);
  return [
    `Of ${count(metrics.items)} items the model ${model} knows ${has}. It does not know ${few}${more}.`,
  ];
}
