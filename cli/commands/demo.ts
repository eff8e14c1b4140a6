import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { shopPath } from "../../contracts/http/shop-path.ts";
import type { Person } from "../../contracts/http/pages.ts";
import { paths } from "../../contracts/layout.ts";
import { AHEAD } from "../../contracts/settings/personal.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Answer } from "../../core/ranking/answer.ts";
import type { Server } from "../../recommender/server.ts";
import { demoPeople } from "../demo/people.ts";
import { readDemoShop, writeDemoShop } from "../demo/shop.ts";
import { DEMO_SIZE, EVENTS_PER_CUSTOMER, checkSize, type DemoSize } from "../demo/size.ts";
import { interruptible } from "../interruptible.ts";
import { settingsOf, withSettings } from "../options.ts";
import { showProgress } from "../progress.ts";
import { count, duration } from "../table.ts";
import { nightly } from "./nightly.ts";
import { startPersonalizer } from "../start-personalizer.ts";
import { pagesOf, startServer, urlOf } from "./serve.ts";

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
    .option("--no-serve", "stop after the night");
  withSettings(command, "server", "similarity", "als", "personal", "shop").action(async (options) => {
    const settings = settingsOf(options, { shop: "demo", docs: true, page: true });
    const days: number = options.demoDays;
    const size = {
      ...DEMO_SIZE,
      customers: options.customers,
      items: options.items,
      days,
      seed: options.demoSeed,
    };
    const startedAt = Date.now();
    // The Personalizer is started once there is a model.
    const ahead = settings["personal.ahead"] ?? AHEAD;
    const night = {
      ...settings,
      events: [await ensureShop(settings, size)],
      days,
      "personal.ahead": ahead,
    };
    const { isUpToDate } = await import("../../adapters/local/drive.ts");
    // The gate is for real shops: another demo shop may differ much from the one before.
    if (!(await isUpToDate(night))) await nightly(night, "a demo shop");
    if (options.serve)
      await serveDemo(settings, { people: demoPeople(size), config: options.config, startedAt });
  });
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

/** Makes the shop's event files, unless they exist; returns a glob of them. */
async function ensureShop(settings: Settings, size: DemoSize): Promise<string> {
  checkSize(size);
  const folder = join(settings.data, paths.demoEvents);
  const pattern = join(folder, "*.ndjson.gz");
  if (await readDemoShop(folder, size)) return pattern;
  process.stderr.write(
    `Making a demo shop: ${count(size.customers)} customers, ${count(size.items)} products\n`,
  );
  const progress = showProgress(process.stderr);
  const { events } = await interruptible("Making the demo shop", (signal) =>
    writeDemoShop(folder, size, {
      signal,
      progress: (fraction, message) => progress.update("demo shop", fraction, message),
    }),
  );
  progress.done("demo shop", `${count(events)} events of ${size.days} days in ${folder}`);
  return pattern;
}

/** Requests worth trying, with a hint on what to look for. */
const TRIES = [
  { title: "A visitor looks at a green dome tent:", query: "browsed=tent-002&n=5" },
  {
    title: "One looks at an espresso grinder, with an espresso machine in the basket:",
    query: "browsed=espresso-grinder-008&basket=espresso-machine-008&n=5",
  },
  {
    title: "One looks at something the shop has never seen (so it shows what is popular):",
    query: "browsed=flying-carpet-001&n=3",
  },
];

interface Opening {
  people: Person[];
  /** The settings file that was named. */
  config: string | undefined;
  startedAt: number;
}

async function serveDemo(settings: Settings, { people, config, startedAt }: Opening): Promise<void> {
  const { shop, shops: others } = settings;
  const shops = others.length === 0 ? [] : [...new Set([shop, ...others])];
  const personal = await personalizerOf({ ...settings, shops }, config);
  const server = await startServer({ ...settings, shops, ...personal }, people);
  const url = urlOf(server, shop);
  console.log(`\nThe recommender answers on ${url}, ${duration(Date.now() - startedAt)} after the start.`);
  console.log(`${pagesOf(server)}\nOr try:\n`);
  if (personal["personal.address"] !== undefined && people.length > 0) {
    console.log(`${FOR_ONE}\n  curl '${url}/users/${people[0].user}/recommendations?n=5'\n`);
  }
  for (const { title, query } of TRIES) {
    console.log(
      `${title}\n  curl '${url}/make_recommendation?${query}'\n${await answerLines(server, shop, query)}\n`,
    );
  }
  console.log("Next, your own events: npx steamer nightly --shop mine --events events.csv   (Ctrl-C stops)");
}

const FOR_ONE =
  "A customer comes back (an answer never waits for their list; if it is not there yet, ask again):";

/** The Personalizer's address: of one that is there already, or of one that this starts. */
async function personalizerOf(
  settings: Settings,
  config: string | undefined,
): Promise<Pick<Settings, "personal.address">> {
  if (settings["personal.address"] !== undefined || settings["als.factors"] === 0) return {};
  return { "personal.address": await startPersonalizer(settings, config) };
}

/** Asks over the service's own route, and adds the products' names. */
async function answerLines({ app, shops }: Server, shop: string, query: string): Promise<string> {
  const response = await app.inject(`${shopPath(shop)}/make_recommendation?${query}`);
  const { results } = response.json<Answer>();
  const details = await shops
    .get(shop)!
    .model.get()!
    .describe(results.map(({ item }) => item));
  return results
    .map(({ item, score, source, because }) => {
      const causes = because.map(({ item }) => item).join(", ");
      const shown = source === "model" ? score.toFixed(3) : `${score} users`;
      const why = causes === "" ? source.replaceAll("_", " ") : `because of ${causes}`;
      return `    ${item.padEnd(26)} ${shown.padStart(10)}  ${details.get(item)?.name ?? ""}  (${why})`;
    })
    .join("\n");
}
