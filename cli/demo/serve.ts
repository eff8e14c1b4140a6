import { randomUUID } from "node:crypto";
import type { Person } from "../../contracts/http/pages.ts";
import { shopPath } from "../../contracts/http/shop-path.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import type { Answer } from "../../core/ranking/answer.ts";
import { traceparentBelow } from "../../recommender/http/trace.ts";
import type { Server } from "../../recommender/server.ts";
import { pagesOf, startServer, urlOf } from "../commands/serve.ts";
import { startInference } from "../services/inference.ts";
import { startPersonalizer } from "../services/personalizer.ts";
import { duration } from "../table.ts";
import { demoPeople } from "./people.ts";
import { demoReviews } from "./reviews.ts";
import type { DemoSize } from "./size.ts";
import { print } from "../print.ts";

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
/** Popular products that have reviews from the start. */
const REVIEWED = 6;

interface Opening {
  /** The settings file that was named. */
  config: string | undefined;
  startedAt: number;
}

/** Serves the demo shop, with the services beside it, and says what can be seen there. */
export async function serveDemo(
  settings: Settings,
  size: DemoSize,
  { config, startedAt }: Opening,
): Promise<void> {
  const { shop, shops: others } = settings;
  const shops = others.length === 0 ? [] : [...new Set([shop, ...others])];
  const people = demoPeople(size);
  const personal = await personalizerOf({ ...settings, shops }, config);
  const server = await startServer({ ...settings, shops, ...personal }, people);
  const url = urlOf(server, shop);
  print(`\nThe recommender answers on ${url}, ${duration(Date.now() - startedAt)} after the start.`);
  print(`${pagesOf(server)}\nOr try:\n`);
  if (personal["personal.address"] !== undefined && people.length > 0) {
    print(`${FOR_ONE}\n  curl '${url}/users/${people[0].user}/recommendations?n=5'\n`);
  }
  for (const { title, query } of TRIES) {
    print(
      `${title}\n  curl '${url}/make_recommendation?${query}'\n${await answerLines(server, shop, query)}\n`,
    );
  }
  print("Next, your own events: npx steamer nightly --shop mine --events events.csv   (Ctrl-C stops)");
  if (settings["reviews.on"]) await readReviews(server, settings, { size, people, config });
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

/** The shop is open by now: nobody waits for this. */
async function readReviews(
  server: Server,
  settings: Settings,
  { size, people, config }: Pick<Opening, "config"> & { size: DemoSize; people: readonly Person[] },
): Promise<void> {
  // The store tells the log when it fails; the shop goes on.
  await addReviews(server, settings.shop, size, people).catch(() => {});
  if (settings["reviews.address"] !== undefined) return;
  const address = await startInference(settings, config);
  if (address !== null) await server.readReviewsBy(address);
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

/** Adds the demo's reviews, unless an earlier start has: then their keys are known. */
async function addReviews(
  { shops }: Server,
  shop: string,
  size: DemoSize,
  people: readonly Person[],
): Promise<void> {
  const { reviews, model } = shops.get(shop)!;
  const popular = await model.get()!.list({ n: REVIEWED });
  const details = await model.get()!.describe(popular);
  const items = popular.map((item) => ({ item, name: details.get(item)?.name ?? item }));
  for (const review of demoReviews(size, people, items))
    await reviews!.add({ ...review, id: randomUUID(), shop, traceparent: traceparentBelow(undefined) });
}
