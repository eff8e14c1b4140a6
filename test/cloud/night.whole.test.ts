import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Value } from "typebox/value";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNight } from "../../adapters/local/drive.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import type { Answer } from "../../core/ranking/answer.ts";
import { Settings } from "../../contracts/settings/settings.ts";
import type { Manifest } from "../../contracts/manifest.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { datastoreEmulator } from "../stand-ins/datastore/datastore.ts";
import { temporaryFolder } from "../temporary.ts";
import { start } from "../cli/steamer.ts";
import { deploy, OPERATOR, type Deployment } from "./deployment.ts";
import { deployShop, type DeployedShop } from "./deployed-shop.ts";
import { daysAgo, ga4Tables } from "./events.ts";
import { writeReviews } from "./write-reviews.ts";

const folder = temporaryFolder();
const tables = ga4Tables(daysAgo(1), 3);
const queries = [
  ...[0, 1, 2, 3, 4].flatMap((k) => ["tea", "rope", "lamp", "mug"].map((shelf) => `browsed=${shelf}-${k}`)),
  "browsed=tea-1,mug-2&basket=rope-3&purchased=lamp-0",
  "basket=tea-1&n=30",
  "browsed=unknown",
  "",
];

let deployment: Deployment;
let shop: DeployedShop;
let run: Manifest;
const servers: Server[] = [];

beforeAll(async () => {
  deployment = await deploy();
  shop = await deployShop(deployment, "toys", tables, {
    engine: "dataproc",
    days: 3,
    // test/adapters/gcp/jobs.whole.test.ts has nights' factors; twice more would take long.
    "als.factors": 0,
    stores: datastoreEmulator() ? "both" : "snapshot",
    "reviews.on": datastoreEmulator() !== undefined,
  });
  // Nobody has made the database of reviews yet.
  deployment.cloud.faults.add({ call: "Datastore.RunQuery", error: { code: "NOT_FOUND" } });
  run = await shop.night();
}, 900_000);
afterAll(async () => {
  for (const server of servers) await server.close();
  await deployment?.close();
});

/** A recommender's answers to all queries, without the name of its model. */
async function answers(
  settings: Settings,
  objects: Parameters<typeof serve>[0]["objects"],
): Promise<Omit<Answer, "model">[]> {
  const server = await serve({ settings: { ...settings, port: 0 }, objects });
  servers.push(server);
  const ask = async (query: string) => {
    const response = await fetch(`${server.url}/make_recommendation?${query}`);
    const {
      model: _,
      attributionToken: __,
      ...answer
    } = (await response.json()) as Answer & {
      attributionToken: string;
    };
    return answer;
  };
  return Promise.all(queries.map(ask));
}

/** The scores of the items that the model recommends. */
async function scores(query: string): Promise<Record<string, number>> {
  const found = (await answers(shop.settings, shop.objects))[queries.indexOf(query)];
  const ofModel = found.results.filter(({ source }) => source === "model");
  return Object.fromEntries(ofModel.map(({ item, score }) => [item, score]));
}

/** The same events through the night of one machine. */
async function embedded(): Promise<Omit<Answer, "model">[]> {
  const events = join(folder, "events");
  mkdirSync(events, { recursive: true });
  for (const [day, lines] of tables) {
    writeFileSync(join(events, `events_${day}.ndjson`), lines.map((line) => JSON.stringify(line)).join("\n"));
  }
  const settings = {
    ...(Value.Default(Settings, {}) as Settings),
    data: join(folder, "data"),
    events: [events],
  };
  expect(await runNight(settings, undefined)).toMatchObject({ state: "done" });
  return answers(settings, fileObjects(settings.data));
}

describe("a night on Google Cloud", () => {
  it("goes from the scheduler's call to a new model, by every stage, and says what it did", () => {
    expect(run, JSON.stringify(run, null, 2)).toMatchObject({
      run: `${daysAgo(1)}.1`,
      state: "done",
      warnings: [],
    });
    expect(run.stages.export.metrics).toMatchObject({ bytesBilled: expect.any(Number) });
    expect(run.stages.similarity.metrics).toMatchObject({ items: 20, users: expect.any(Number) });
    expect(run.stages.publish.metrics).toMatchObject({ publication: "published" });
  });

  it("leaves no cluster, and no job running", () => {
    expect(deployment.cloud.dataproc.clusters()).toEqual([]);
    expect(deployment.cloud.tasks.list()).toEqual([]);
  });

  it("answers from the snapshot as the embedded engine does", async () => {
    const ours = await embedded();
    expect(await answers(shop.settings, shop.objects)).toEqual(ours);
    expect(ours[0].results[0]).toMatchObject({ source: "model" });
  });

  it.skipIf(!datastoreEmulator())("answers from Datastore as the embedded engine does", async () => {
    expect(await answers({ ...shop.settings, store: "datastore", lookupMs: 10_000 }, shop.objects)).toEqual(
      await embedded(),
    );
    expect(run.stages.load.metrics).toMatchObject({ datastore: { entities: 21, rejected: 0 } });
  });

  it("called again does nothing more, and exports no day twice in the next night, which reads the reviews", async () => {
    expect(await shop.night()).toMatchObject({ run: run.run });
    const before = await scores("browsed=tea-0");
    const bad = Array.from({ length: 15 }, (_, k) => ({ user: `angry-${k}`, item: "tea-1", stars: 1 }));
    if (datastoreEmulator()) await writeReviews(deployment, "toys", bad);
    await shop.ask({ action: "rerun", from: "export" });
    const again = await shop.nightEnds();
    expect(again).toMatchObject({ run: `${daysAgo(1)}.2`, state: "done" });
    expect(again.stages.export.metrics).toMatchObject({ bytesBilled: 0 });
    if (!datastoreEmulator()) return;
    expect(again.stages.export.metrics).toMatchObject({ reviews: { rows: 15, positive: 0, negative: 15 } });
    const after = await scores("browsed=tea-0");
    expect(after).toMatchObject({ ...before, "tea-1": expect.closeTo(before["tea-1"] / 4, 6) });
  });
});

describe("the steamer command on Google Cloud", () => {
  /**
   * Runs the command as an operator would. Its settings come from the environment here, not from
   * `--config`.
   */
  async function operate(
    ...args: string[]
  ): Promise<{ status: number | string; stdout: string; stderr: string }> {
    const token = await deployment.cloud.identity.token({
      audience: `${deployment.functionsUrl}/runs`,
      email: OPERATOR,
    });
    return start(folder, [...args, "--shop", "toys"], {
      STEAMER_IDENTITY_TOKEN: token,
      STEAMER_FUNCTIONS_URL: deployment.functionsUrl,
    }).finished;
  }

  it("shows nights with what they were billed, and models", async () => {
    expect((await operate("runs")).stdout).toMatch(/2026-\d\d-\d\d\.1 +done .* +\d+\.\d\d +\d+\.\d\d/);
    expect((await operate("models")).stdout).toMatch(/\.1 +(current|previous)/);
  });

  it("takes an item down, everywhere, and puts it back", async () => {
    expect((await operate("takedown", "tea-4", "--reason", "recalled")).stderr).toBe("");
    const [without] = await answers(shop.settings, shop.objects);
    expect(without.results.map(({ item }) => item)).not.toContain("tea-4");
    expect(await operate("takedown", "--undo", "tea-4")).toMatchObject({ status: 0 });
    const [again] = await answers(shop.settings, shop.objects);
    expect(again.results.map(({ item }) => item)).toContain("tea-4");
  });

  it("runs stages again, and says when there is nothing to cancel", async () => {
    expect((await operate("rerun", "--from", "publish")).stdout).toContain("is on its way");
    expect((await shop.nightEnds()).state).toBe("done");
    expect(await operate("cancel")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("it is done already"),
    });
  });

  it("rolls back, holds, and releases", async () => {
    const { model } = (await shop.pointer())!;
    expect((await operate("rollback", "--reason", "odd")).stdout).toContain("serves");
    expect((await shop.pointer())!.model).not.toBe(model);
    expect((await operate("release")).stdout).toContain("has no hold");
  });
});
