import { InvalidArgumentError, Option, type Command } from "commander";
import { openObjects } from "../../adapters/storage/choose.ts";
import { Problem } from "../../contracts/problem.ts";
import { ARTICLE_SHOP, type CostLine, type ShopNumbers } from "../cost/lines.ts";
import { monthlyCost } from "../cost/monthly.ts";
import { clusterMachines } from "../cost/night-cost.ts";
import { PRICES, type PriceTable, type PriceYear } from "../cost/prices.ts";
import { listRuns } from "../../night/run/run.ts";
import { numbersOf } from "../cost/shop-numbers.ts";
import { settingsOf, withSettings } from "../options.ts";
import { count, table } from "../table.ts";
import { print } from "../print.ts";

/** The numbers that can be given, by their names on the command line. */
const NUMBERS = {
  scanned: "GB that BigQuery scans a day",
  machines: "machines of the cluster",
  clusterHours: "hours that it runs a night",
  workers: "workers that load Datastore",
  loadHours: "hours that they work a night",
  entities: "entities written a night: one an item",
  requests: "requests a day",
  keys: "items in a request that have to be looked up",
  stored: "GB in Datastore",
  instances: "instances of the recommender, always on",
  shops: "shops that share these instances, the Personalizer's, and the inference service's",
  personalRequests: "requests a day for users' own lists",
  lists: "users' lists computed a day: requests that found none",
  ahead: "users' lists computed ahead a night (personal.ahead)",
  personalizers: "instances of the Personalizer; 0.5: one runs half of the time",
  reviews: "reviews that are written a day",
  reviewPages: "pages of an item's reviews that are shown a day",
  inferences: "instances of the inference service",
  pushes: "pushes of the catalogue a day, by deploy.catalogueSchedule",
} as const satisfies Partial<Record<keyof ShopNumbers, string>>;

/** `steamer cost`: a month on Google Cloud, from a shop's numbers. */
export function addCost(program: Command): void {
  const command = program
    .command("cost")
    .description("estimate a month on Google Cloud; with --shop, from what its nights have used")
    .addOption(new Option("--year <year>", "whose list prices").choices(Object.keys(PRICES)).default("2026"));
  for (const [name, description] of Object.entries(NUMBERS)) {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const shown = count(ARTICLE_SHOP[name as keyof typeof NUMBERS]);
    command.option(`--${flag} <number>`, `${description} (default: ${shown}, the 2018 article's)`, quantity);
  }
  withSettings(command, "shop", "cloud").action(async (options: Record<string, unknown>) => {
    const known = options["shop"] ? await shopNumbers(options) : machineNumbers(options);
    const given = Object.fromEntries(Object.entries(options).filter(([name]) => name in NUMBERS));
    const prices: PriceTable = PRICES[options["year"] as PriceYear];
    print(report(monthly({ ...ARTICLE_SHOP, ...known, ...given }, prices), prices));
    if (options["shop"]) print(origins(Object.keys(known), Object.keys(given)));
  });
}

function quantity(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("It must be a number from 0 on.");
  return value;
}

/** The machines of the settings; where these name none, the article's. */
function machineNumbers(options: Record<string, unknown>): Partial<ShopNumbers> {
  const { clusterMachine, loadMachine } = ARTICLE_SHOP;
  const settings = settingsOf(options, { clusterMachine, loadMachine });
  return {
    clusterMachine: settings.clusterMachine,
    machines: clusterMachines(settings),
    loadMachine: settings.loadMachine,
    workers: settings.loadWorkers,
  };
}

async function shopNumbers(options: Record<string, unknown>): Promise<Partial<ShopNumbers>> {
  const settings = settingsOf(options);
  const runs = await listRuns(await openObjects(settings), settings.shop);
  return numbersOf(
    runs.map(({ value }) => value),
    settings,
    settings,
  );
}

function monthly(shop: ShopNumbers, prices: PriceTable): CostLine[] {
  try {
    return monthlyCost(shop, prices);
  } catch (cause) {
    const why = (cause as Error).message;
    const next = "estimate it with a type of about the same size: --cluster-machine or --load-machine";
    throw new Problem({ doing: "Estimating a month", why, next, cause });
  }
}

const WAYS = ["datastore", "snapshot", "snapshotOnly"] as const;

function report(lines: CostLine[], { date, source, prices }: PriceTable): string {
  const total = (way: (typeof WAYS)[number]) => lines.reduce((sum, line) => sum + line[way], 0);
  const rows = lines.map((line) => [line.service, line.what, ...WAYS.map((way) => line[way].toFixed(2))]);
  rows.push(["total", "", ...WAYS.map((way) => total(way).toFixed(2))]);
  const notes = Object.values(prices).flatMap(({ note }) => (note ? [`  ${note}`] : []));
  return [
    `A month of 30 days on Google Cloud, in US dollars, at list prices of us-central1 of ${date}`,
    `(${source}: check them before you rely on the sum).\n`,
    table(["service", "what", "store=datastore", "stores=both", "by default"], rows),
    `\nServing from the snapshot, the default, saves $${(total("datastore") - total("snapshot")).toFixed(2)}: requests read no entities. ` +
      `None are written either: $${(total("snapshot") - total("snapshotOnly")).toFixed(2)} less.`,
    `Assumed:\n${notes.join("\n")}`,
  ].join("\n");
}

/** Names the numbers read from the shop's last nights, and those assumed from the article. */
function origins(known: string[], given: string[]): string {
  const read = known.filter((name) => !given.includes(name));
  const assumed = Object.keys(NUMBERS).filter((name) => !known.includes(name) && !given.includes(name));
  return `From the last nights of the shop: ${read.join(", ")}.\nFrom the 2018 article: ${assumed.join(", ") || "nothing"}.`;
}
