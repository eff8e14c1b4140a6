import { SEEN } from "./register-seen.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNight } from "../../adapters/local/drive.ts";
import { readSettings } from "../../adapters/settings.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import type { NeighboursAnswer } from "../../contracts/http/catalogue.ts";
import type { RecommendationAnswer } from "../../contracts/http/recommendation.ts";
import { defaultsOf, type Settings } from "../../contracts/settings/settings.ts";
import { KNOB_NAMES, knobsOf } from "../../contracts/settings/similarity.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { deploy, type Deployment } from "../cloud/deployment.ts";
import { deployShop } from "../cloud/deployed-shop.ts";
import { daysAgo, ga4Tables } from "../cloud/events.ts";
import { plainNeighbours } from "../core/tables/plain.ts";
import { datastoreEmulator } from "../stand-ins/datastore/datastore.ts";
import { sparkAvailable } from "../stand-ins/dataproc/spark.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder();
const days = ga4Tables(daysAgo(1), 2);
/** One knob of the table is set by the shop, two have defaults in the registry. */
const knobs = { [`${SEEN}.alpha`]: 0.3, days: 2, "als.factors": 0 } as Partial<Settings>;
const queries = ["browsed=tea-1", "browsed=rope-2&basket=mug-0", "purchased=lamp-3&n=30"];

let deployment: Deployment;
const servers: Server[] = [];

beforeAll(async () => {
  deployment = await deploy();
}, 900_000);
afterAll(async () => {
  for (const server of servers) await server.close();
  await deployment?.close();
});

interface Place {
  settings: Settings;
  objects: Parameters<typeof serve>[0]["objects"];
}

/**
 * The answers of the third table: an answer for each query, and the neighbours of all
 * items.
 */
async function askAll({ settings, objects }: Place) {
  const server = await serve({ settings: { ...settings, port: 0, lookupMs: 10_000 }, objects });
  servers.push(server);
  const get = async <T>(path: string) => (await (await fetch(server.url + path)).json()) as T;
  const answers = queries.map(async (query) => {
    const path = `/make_recommendation?${query}&scenario=${SEEN}`;
    const { results, missingIds } = await get<RecommendationAnswer>(path);
    return { results, missingIds };
  });
  const lists = [...plain.keys()].map(async (item): Promise<[string, [string, number][]]> => {
    const { neighbours } = await get<NeighboursAnswer>(`/items/${item}/neighbours?scenario=${SEEN}`);
    return [item, neighbours.map(({ item, score }) => [item, score])];
  });
  return { answers: await Promise.all(answers), lists: new Map(await Promise.all(lists)) };
}

async function embeddedNight(): Promise<Place> {
  const events = join(folder, "events");
  mkdirSync(events, { recursive: true });
  for (const [day, lines] of days)
    writeFileSync(join(events, `events_${day}.ndjson`), lines.map((line) => JSON.stringify(line)).join("\n"));
  const values = { ...knobs, data: join(folder, "data"), events: [events] };
  const settings = readSettings({ file: { path: "none", values }, env: {} });
  expect(await runNight(settings, undefined)).toMatchObject({ state: "done" });
  return { settings, objects: fileObjects(settings.data) };
}

async function cloudNight(
  engine: Settings["engine"],
  stores: NonNullable<Settings["stores"]>,
): Promise<Place> {
  const shop = await deployShop(deployment, `seen-${engine}`, days, { ...knobs, engine, stores });
  expect(await shop.night()).toMatchObject({ state: "done", warnings: [] });
  return shop;
}

/** The table by the definition, from the same events. */
const plain = plainNeighbours(seenRows(), {
  ...knobsOf(defaultsOf(KNOB_NAMES), "similar", "cosine"),
  shrinkage: 0,
  alpha: 0.3,
  top: 3,
});

function seenRows() {
  const events = [...days.values()].flat() as {
    event_name: string;
    user_id: string | null;
    user_pseudo_id: string;
    items: { item_id: string }[];
  }[];
  const seen = events.filter(({ event_name }) => event_name === "view_item");
  return seen.map(({ user_id, user_pseudo_id, items: [item] }) => {
    return { user: user_id ?? user_pseudo_id, item: item.item_id };
  });
}

describe("a table that is registered, and nothing else", () => {
  it("is made by the embedded engine as the definition says, and answers", async () => {
    const { answers, lists } = await askAll(await embeddedNight());
    expect(lists).toEqual(plain);
    expect(answers[0].results.slice(0, 3).map(({ item, source }) => [item, source])).toEqual(
      plain.get("tea-1")!.map(([item]) => [item, "model"]),
    );
  });

  it("is made by BigQuery as by the embedded engine, and answers", async () => {
    const place = await cloudNight("bigquery", "snapshot");
    expect(await askAll(place)).toEqual(await askAll(await embeddedNight()));
  });

  // Without Maven there is no connector for gs://, and no Spark job.
  it.skipIf(!sparkAvailable())("is made by Spark, and answers from the snapshot and Datastore", async () => {
    const wanted = await askAll(await embeddedNight());
    const place = await cloudNight("dataproc", datastoreEmulator() ? "both" : "snapshot");
    expect(await askAll(place)).toEqual(wanted);
    if (!datastoreEmulator()) return;
    expect(await askAll({ ...place, settings: { ...place.settings, store: "datastore" } })).toEqual(wanted);
  });
});
