import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { paths } from "../../contracts/layout.ts";
import { AHEAD } from "../../contracts/settings/personal.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { serveDemo } from "../demo/serve.ts";
import { writeOpinions } from "../demo/write-opinions.ts";
import { CATALOGUE, readDemoShop, writeDemoShop } from "../demo/shop.ts";
import { DEMO_SIZE, EVENTS_PER_CUSTOMER, checkSize, type DemoSize } from "../demo/size.ts";
import { interruptible } from "../interruptible.ts";
import { tunedSettingsOf, withSettings, withSome } from "../options.ts";
import { showProgress } from "../progress.ts";
import { count } from "../table.ts";
import { nightly } from "./nightly.ts";
import { tell } from "../print.ts";

export function addDemo(program: Command): void {
  const command = program
    .command("demo")
    .description("make a demo shop, run its night, serve it (this is `npm start`)")
    .option(
      "--customers <number>",
      `size of the shop; each brings about ${EVENTS_PER_CUSTOMER} events`,
      whole,
      DEMO_SIZE.customers,
    )
    .option("--items <number>", "size of its catalogue", whole, DEMO_SIZE.items)
    .option("--demo-days <number>", "days of history", whole, DEMO_SIZE.days)
    .option("--demo-seed <number>", "another shop of the same size", whole, DEMO_SIZE.seed)
    .option("--opinions", "also write what customers think: reviews.csv, and liked.csv, the true taste")
    .option("--no-serve", "stop after the night");
  withSettings(command, "server", "similarity", "als", "personal", "reviews", "shop");
  withSome(command, "Inference", "inference.model").action(async (options) => {
    const defaults = { shop: "demo", docs: true, page: true, "reviews.on": true };
    const { settings } = await tunedSettingsOf(options, defaults);
    const days: number = options.demoDays;
    const size = {
      ...DEMO_SIZE,
      customers: options.customers,
      items: options.items,
      days,
      seed: options.demoSeed,
    };
    const startedAt = Date.now();
    if (options.opinions) await writeOpinions(join(settings.data, paths.demoOpinions), size);
    // The Personalizer is started once there is a model.
    const ahead = settings["personal.ahead"] ?? AHEAD;
    const folder = await ensureShop(settings, size);
    const night = {
      ...settings,
      events: [folder],
      catalogue: join(folder, CATALOGUE),
      days,
      "personal.ahead": ahead,
    };
    const { isUpToDate } = await import("../../adapters/local/drive.ts");
    // The gate is for real shops: another demo shop may differ much from the one before.
    if (!(await isUpToDate(night))) await nightly(night, "a demo shop");
    if (options.serve) await serveDemo(settings, size, { config: options.config, startedAt });
  });
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** Makes the shop's event files, unless they exist; returns their folder. */
async function ensureShop(settings: Settings, size: DemoSize): Promise<string> {
  checkSize(size);
  const folder = join(settings.data, paths.demoEvents);
  if (await readDemoShop(folder, size)) return folder;
  tell(`Making a demo shop: ${count(size.customers)} customers, ${count(size.items)} products\n`);
  const progress = showProgress(process.stderr);
  const { events } = await interruptible("Making the demo shop", (signal) =>
    writeDemoShop(folder, size, {
      signal,
      progress: (fraction, message) => progress.update("demo shop", fraction, message),
    }),
  );
  progress.done("demo shop", `${count(events)} events of ${size.days} days in ${folder}`);
  return folder;
}
