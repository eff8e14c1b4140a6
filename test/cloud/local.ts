/**
 * The whole tour for a person: starts the local Google Cloud, deploys the demo shop on it, runs its
 * night by Cloud Scheduler's call, and answers from the snapshot and from Datastore, with a list of
 * one customer's own, too. `npm run cloud:local`
 */
import { trust } from "../stand-ins/platform/own-roots.ts";
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { demoPeople } from "../../cli/demo/people.ts";
import { DEMO_SIZE } from "../../cli/demo/size.ts";
import { writeDemoShop } from "../../cli/demo/shop.ts";
import { showProgress } from "../../cli/progress.ts";
import { STAGES, type Manifest } from "../../contracts/manifest.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { servePersonalizer } from "../../personalizer/server.ts";
import { serve } from "../../recommender/server.ts";
import { datastoreEmulator } from "../stand-ins/datastore/datastore.ts";
import { deploy } from "./deployment.ts";
import { deployShop, type DeployedShop } from "./deployed-shop.ts";
import { daysAgo } from "./events.ts";
import { readGa4Files } from "./ga4-tables.ts";
import { startParts } from "./function-shop.ts";

const DAYS = 7;
const folder = mkdtempSync(join(tmpdir(), "steamer-cloud-"));
const LOG = ".cache/cloud-local.log";
const say = (text: string): void => void process.stdout.write(`${text}\n`);

keepFunctionLogsApart();
say(
  "Starting a local Google Cloud (the first time it installs Spark, Beam and BigQuery's stand-in into .cache) ...",
);
const deployment = await deploy();
const servers: { close(): Promise<void> }[] = [];
let closing: Promise<void> | undefined;
const close = () =>
  (closing ??= (async () => {
    for (const server of servers.toReversed()) await server.close();
    await deployment.close();
    rmSync(folder, { recursive: true, force: true });
  })());
process.once("SIGINT", () => void close()).once("SIGTERM", () => void close());

try {
  const size = { ...DEMO_SIZE, customers: 3_000, items: 600, days: DAYS, lastDay: daysAgo(1) };
  await writeDemoShop(folder, size, { progress: () => {}, signal: new AbortController().signal });
  const stores = datastoreEmulator() ? "both" : "snapshot";
  say(`Deploying the demo shop: ${DAYS} days of GA4 tables, functions, a queue, a scheduler job ...`);
  const shop = await deployShop(deployment, "demo", readGa4Files(folder), { days: DAYS, stores });
  say("Cloud Scheduler calls start-run ...");
  await shop.fire();
  const run = await follow(shop);
  if (run.state !== "done") throw new Error(JSON.stringify(run.stages, null, 2));
  const hasDatastore = stores === "both";
  const personal = hasDatastore ? await personalize(shop) : {};
  const url = await recommend(shop, { store: "snapshot", port: 8080, ...personal });
  if (hasDatastore) {
    await recommend(shop, { store: "datastore", port: 8081 });
    await recommendTo(demoPeople(size)[0].user, url);
  }
  say(`\nThe functions' log is in ${LOG}. Ctrl-C ends it.`);
} catch (error) {
  await close();
  throw error;
}

/** The functions run in this process. Their logs go to a file instead of Cloud Logging. */
function keepFunctionLogsApart(): void {
  mkdirSync(dirname(LOG), { recursive: true });
  const log = createWriteStream(LOG);
  const write = process.stdout.write.bind(process.stdout) as (chunk: string) => boolean;
  process.stdout.write = ((chunk: string) =>
    String(chunk).startsWith('{"severity"') ? log.write(chunk) : write(chunk)) as typeof process.stdout.write;
}

/** Shows the night by its manifest, as `steamer runs` does. */
async function follow({ latest }: DeployedShop): Promise<Manifest> {
  const progress = showProgress(process.stderr);
  const shown = new Set<string>();
  for (;;) {
    const run = await latest();
    for (const stage of STAGES) {
      const { state, progress: share = 0, attempt } = run.stages[stage];
      if (state === "running") progress.update(stage, share, `attempt ${attempt}`);
      if ((state === "done" || state === "failed") && !shown.has(stage)) progress.done(stage, state);
      if (state === "done" || state === "failed") shown.add(stage);
    }
    if (run.state !== "running") return run;
    await delay(200);
  }
}

/** Asks for recommendations to what a visitor looked at. Returns the recommender's address. */
async function recommend({ settings, objects }: DeployedShop, change: Partial<Settings>): Promise<string> {
  const server = await serve({ settings: { ...settings, ...change }, objects });
  servers.push(server);
  const path = "/make_recommendation?browsed=tent-002&n=3";
  const from = change.store === "snapshot" ? "the snapshot" : "Datastore";
  say(`\nFrom ${from}:\n  curl '${server.url}${path}'\n  ${await textAt(server.url + path)}`);
  return server.url;
}

/** Starts what customers' own lists need; the function finds the Personalizer by the settings. */
async function personalize({ settings, objects, set }: DeployedShop): Promise<Partial<Settings>> {
  const { front, found, serveFrom, close } = await startParts("personal", deployment.cloud, settings);
  servers.push({ close });
  trust(front.certificate);
  const personalizer = await servePersonalizer({
    settings: { ...settings, "personalizer.port": 0 },
    objects,
  });
  servers.push({ close: () => personalizer.close(0) });
  serveFrom(personalizer.address);
  await set(found);
  return found;
}

/** The first answer waits for nobody. Meanwhile queue, function and Personalizer make the list. */
async function recommendTo(user: string, url: string): Promise<void> {
  const path = `/users/${user}/recommendations?n=3`;
  say(`\nTo the customer ${user}, at first, and a moment later:\n  curl '${url}${path}'`);
  say(`  ${await textAt(url + path)}`);
  for (let tries = 0; tries < 60; tries++) {
    const text = await textAt(url + path);
    if ((JSON.parse(text) as { source: string }).source === "personal") return say(`  ${text}`);
    await delay(500);
  }
  throw new Error(`there is no list of ${user} after half a minute: ${LOG} may say why`);
}

async function textAt(url: string): Promise<string> {
  return (await fetch(url)).text();
}
