import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer } from "../../core/ranking/answer.ts";
import { paths } from "../../contracts/layout.ts";
import { Manifest } from "../../contracts/manifest.ts";
import { readDocument, swapDocument } from "../../night/state/document.ts";
import { GenerationConflict } from "../../night/state/objects.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { listModels, release, rollback } from "../../night/state/pointer.ts";
import { serve } from "../../recommender/server.ts";
import { datastoreEmulator } from "../stand-ins/datastore/datastore.ts";
import { deploy, type Deployment } from "./deployment.ts";
import { copyShop, deployShop, type DeployedShop } from "./deployed-shop.ts";
import { daysAgo, ga4Day, ga4Tables, suffix } from "./events.ts";
import { writeReviews } from "./write-reviews.ts";

const QUICK = { engine: "bigquery", stores: "snapshot", days: 2 } as const;

let deployment: Deployment;
/** Where its first night has led a shop: every test goes on from there with a copy. */
let served: DeployedShop;
beforeAll(async () => {
  deployment = await deploy({ speed: 60 });
  served = await deployShop(deployment, "served", ga4Tables(daysAgo(2), 2), QUICK);
  expect(await served.night()).toMatchObject({ run: first, state: "done" });
}, 600_000);
afterAll(() => deployment?.close());

const first = `${daysAgo(2)}.1`;
const second = `${daysAgo(1)}.1`;

/** A shop that has served last night's model all day, and whose new table has just arrived. */
async function shopWithModel(name: string, change: Partial<Settings> = {}): Promise<DeployedShop> {
  const shop = await copyShop(deployment, served, name, QUICK);
  expect(await shop.latest()).toMatchObject({ shop: name, run: first, state: "done" });
  await shop.bring(ga4Tables(daysAgo(1), 1));
  await shop.set(change);
  return shop;
}

/** A customer's answer, over HTTP. */
async function ask({ settings, objects }: DeployedShop): Promise<Answer> {
  const server = await serve({ settings: { ...settings, port: 0 }, objects });
  try {
    const response = await fetch(`${server.url}/make_recommendation?browsed=tea-1&n=5`);
    return (await response.json()) as Answer;
  } finally {
    await server.close();
  }
}

/** Customers get the old model, it is complete, and nothing is left running. */
async function expectUnharmed(shop: DeployedShop): Promise<void> {
  const { model, results } = await ask(shop);
  expect(model).toBe(first);
  expect(results.map(({ source }) => source)).toContain("model");
  expect(await listModels(shop.objects, shop.settings.shop)).toContain(first);
  expect(deployment.cloud.dataproc.clusters()).toEqual([]);
}

const reasonOf = ({ stages }: Manifest) =>
  Object.values(stages).flatMap(({ state, reason }) => (state === "failed" ? [reason] : []))[0];

describe("on Dataproc", () => {
  it("a cluster that cannot be created is tried again; then the night fails, and says why", async () => {
    const shop = await shopWithModel("no-cluster", { engine: "dataproc" });
    const { cloud } = deployment;
    const error = {
      code: "RESOURCE_EXHAUSTED" as const,
      message: "Insufficient 'CPUS' quota. Requested 12.0, available 8.0.",
    };
    cloud.faults.add({ call: "Dataproc.cluster.create", error, times: 3 });
    const run = await shop.night();
    cloud.faults.clear();
    expect(run).toMatchObject({ run: second, state: "failed", stages: { similarity: { attempt: 3 } } });
    expect(reasonOf(run)).toContain("quota");
    await expectUnharmed(shop);
  });

  it("a job that fails ends the night with what it said", async () => {
    const shop = await shopWithModel("job-fails", { engine: "dataproc" });
    const { cloud } = deployment;
    cloud.faults.add({
      call: "Dataproc.job.run",
      error: { code: "UNKNOWN", message: "Job failed with message [MemoryError]" },
    });
    const run = await shop.night();
    cloud.faults.clear();
    expect(run.state).toBe("failed");
    expect(reasonOf(run)).toContain("MemoryError");
    await expectUnharmed(shop);
  });

  it("a job that hangs is cancelled at its limit, and its cluster goes", async () => {
    const shop = await shopWithModel("hangs", { engine: "dataproc", stageLimitMinutes: 1 });
    const { cloud } = deployment;
    const fault = cloud.faults.add({ call: "Dataproc.job.run", hold: true });
    await shop.fire();
    await fault.reached;
    await startedBefore(shop, "similarity", 2);
    const run = await shop.nightEnds();
    cloud.faults.clear();
    await cloud.dataproc.idle();
    expect(reasonOf(run)).toContain("still running after 1 minutes");
    await expectUnharmed(shop);
  });

  it("a job that cannot be cancelled is noted in the manifest, with what is left to do", async () => {
    const shop = await shopWithModel("stubborn", { engine: "dataproc" });
    const { cloud } = deployment;
    const held = cloud.faults.add({ call: "Dataproc.job.run", hold: true });
    const denied = { code: "PERMISSION_DENIED" as const, message: "no dataproc.clusters.delete" };
    cloud.faults.add({ call: "Dataproc.CancelOperation", error: denied });
    cloud.faults.add({ call: "Dataproc.DeleteCluster", error: denied });
    await shop.fire();
    await held.reached;
    expect((await shop.ask({ action: "cancel", reason: "wrong events" })).status).toBe(200);
    const run = await shop.nightEnds();
    expect(run).toMatchObject({ state: "failed", stages: { similarity: { reason: "wrong events" } } });
    expect(run.warnings.join()).toMatch(/could not be cancelled.*no dataproc.clusters.delete/s);
    cloud.advance(24 * 3600);
    await cloud.dataproc.idle();
    cloud.faults.clear();
    await expectUnharmed(shop);
  });
});

/**
 * Writes into the manifest of the running run what time would have written, as soon as `change`
 * has something to write.
 */
async function rewrite(shop: DeployedShop, change: (run: Manifest) => Partial<Manifest> | null) {
  const path = paths.manifest(shop.settings.shop, (await shop.latest()).run);
  for (;;) {
    const document = (await readDocument(shop.objects, path, Manifest))!;
    const changed = change(document.value);
    try {
      if (changed)
        return void (await swapDocument(shop.objects, document, { ...document.value, ...changed }));
    } catch (error) {
      if (!(error instanceof GenerationConflict)) throw error;
    }
  }
}

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

/** Makes a stage that is running look as if it had been for so many minutes. */
const startedBefore = (shop: DeployedShop, stage: "similarity" | "export", minutes: number) =>
  rewrite(shop, ({ stages }) =>
    stages[stage].operation
      ? { stages: { ...stages, [stage]: { ...stages[stage], startedAt: minutesAgo(minutes) } } }
      : null,
  );

describe("in BigQuery", () => {
  it("an export that stays RUNNING is cancelled at its limit", async () => {
    const shop = await shopWithModel("slow-export", { stageLimitMinutes: 1 });
    const { cloud } = deployment;
    const fault = cloud.faults.add({ call: "BigQuery.job.run", hold: true });
    await shop.fire();
    await fault.reached;
    await startedBefore(shop, "export", 2);
    const run = await shop.nightEnds();
    cloud.faults.clear();
    expect(reasonOf(run)).toContain("still running after 1 minutes");
    expect(cloud.calls("BigQuery.CancelJob")).toBeGreaterThan(0);
    await expectUnharmed(shop);
  });

  it("a night over its limit is refused before a cent is spent, with the estimate", async () => {
    const shop = await shopWithModel("too-dear", { maximumBytesBilled: 1e6 });
    await shop.bring(new Map([[suffix(daysAgo(1)), ga4Day(daysAgo(1), { customers: 3_000 })]]));
    const before = deployment.cloud.calls("BigQuery.job.run");
    const run = await shop.night();
    expect(reasonOf(run)).toMatch(/maximumBytesBilled/);
    expect(run.stages.export.attempt).toBe(1);
    expect(deployment.cloud.calls("BigQuery.job.run")).toBe(before);
    await expectUnharmed(shop);
  });

  it("a table that comes late: the run takes the latest day there is, and says so", async () => {
    const shop = await deployShop(deployment, "late-table", ga4Tables(daysAgo(2), 2), {
      engine: "bigquery",
      stores: "snapshot",
      days: 2,
    });
    const run = await shop.night();
    expect(run).toMatchObject({ run: first, state: "done" });
    expect(run.warnings.join()).toContain(`The table of ${daysAgo(1)} was not there by 00:00`);
  });
});

describe.skipIf(!datastoreEmulator())("in Datastore", () => {
  it("reviews that may not be read end the night: else customers would see what they disliked", async () => {
    const shop = await shopWithModel("no-reviews", { "reviews.on": true });
    const error = { code: "PERMISSION_DENIED", message: "Missing or insufficient permissions." } as const;
    deployment.cloud.faults.add({ call: "Datastore.RunQuery", error });
    expect(reasonOf(await shop.night())).toMatch(/reviews of no-reviews.*datastore.viewer/s);
    await expectUnharmed(shop);
  });
});

describe("in the load stage", () => {
  it("a load whose job dies again and again ends the night; rerun finishes it", async () => {
    const shop = await shopWithModel("half-loaded", { stores: "both" });
    const { cloud } = deployment;
    const error = { code: "UNKNOWN" as const, message: "The worker lost contact with the service." };
    cloud.faults.add({ call: "Dataflow.job.run", error, times: 10 });
    const run = await shop.night();
    cloud.faults.clear();
    expect(run.state).toBe("failed");
    expect(reasonOf(run)).toContain("lost contact");
    await expectUnharmed(shop);

    expect((await shop.ask({ action: "rerun", from: "load" })).status).toBe(200);
    await shop.nightEnds();
    expect((await ask(shop)).model).not.toBe(first);
  });

  it("a corrupt Parquet file ends the night, and is named", async () => {
    const shop = await shopWithModel("corrupt");
    const { cloud } = deployment;
    cloud.tasks.pause();
    await shop.fire();
    for (let run = await shop.latest(); run.stages.similarity.state !== "done"; run = await shop.latest()) {
      await cloud.tasks.deliver();
    }
    const { neighbours } = (await shop.latest()).stages.similarity.metrics as { neighbours: string };
    const [file] = await shop.objects.list(neighbours);
    await shop.objects.put(file, "PAR1 this is not what it seems PAR1");
    cloud.tasks.resume();
    const run = await shop.nightEnds();
    expect(run.state).toBe("failed");
    expect(reasonOf(run)).toContain(file.split("/").at(-1));
    await expectUnharmed(shop);
  });
});

describe("deliveries", () => {
  it("twice at once, and after the end, change nothing", async () => {
    const { cloud } = deployment;
    const reviews = cloud.endpoints.datastore ? [{ user: "ann", item: "tea-1", stars: 1 }] : [];
    const shop = await shopWithModel("doubled", { "reviews.on": reviews.length > 0 });
    if (reviews.length > 0) await writeReviews(deployment, "doubled", reviews);
    cloud.tasks.pause();
    await shop.fire();
    const seen = new Set<string>();
    while ((await shop.latest()).state === "running") {
      const [task] = cloud.tasks.list();
      if (!task) throw new Error("the chain has died");
      seen.add(task.name);
      await Promise.all([cloud.tasks.duplicate(task.name), cloud.tasks.deliver(task.name)]);
    }
    const run = await shop.latest();
    expect(run).toMatchObject({ run: second, state: "done" });
    expect(Object.values(run.stages).map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
    if (reviews.length > 0)
      expect(run.stages.export.metrics).toMatchObject({ reviews: { rows: 1, negative: 1 } });
    for (const name of seen) await cloud.tasks.duplicate(name);
    cloud.tasks.resume();
    expect(await shop.nightEnds()).toEqual(run);
    expect(await shop.pointer()).toMatchObject({ model: second, previous: first });
  });

  it("that are lost: start-run revives the chain, and the night is finished", async () => {
    const shop = await shopWithModel("chain-dies");
    const { cloud } = deployment;
    cloud.tasks.pause();
    await shop.fire();
    for (const { name } of cloud.tasks.list()) cloud.tasks.drop(name);
    cloud.tasks.resume();
    expect((await shop.nightEnds()).state).toBe("running");
    await rewrite(shop, ({ lease }) => ({ lease: { ...lease, expiresAt: minutesAgo(1) } }));
    const run = await shop.night();
    expect(run).toMatchObject({ run: second, state: "done" });
    expect(run.warnings.join()).toContain("it was revived");
  });

  it("of start-run, twice at once, start one run", async () => {
    const shop = await shopWithModel("started-twice");
    const answers = await Promise.all([shop.fire(), shop.fire(), shop.fire()]);
    expect(answers).toEqual([200, 200, 200]);
    expect(await shop.nightEnds()).toMatchObject({ run: second, state: "done" });
  });
});

describe("the pointer", () => {
  it("is as it should be when publish is delivered again after it succeeded", async () => {
    const shop = await shopWithModel("published-twice");
    const { cloud } = deployment;
    // The pointer is written, but the function dies before it learns of that.
    const fault = cloud.faults.add({
      call: "Storage.InsertObject",
      when: (request: unknown) => JSON.stringify(request).includes("current.json"),
      lost: true,
      times: 1,
    });
    const run = await shop.night();
    expect(fault.hits).toBe(1);
    expect(run.state).toBe("done");
    expect(await shop.pointer()).toMatchObject({ model: second, previous: first });
  });

  it("contested by an operator's rollback: who comes later decides anew, and neither is lost", async () => {
    const shop = await shopWithModel("contested");
    await shop.night();
    const { objects } = shop;
    const at = { shop: "contested", now: new Date() };
    const [back] = await Promise.allSettled([
      rollback(objects, { ...at, reason: "odd neighbours" }),
      shop.ask({ action: "rerun", from: "publish" }).then(() => shop.nightEnds()),
    ]);
    expect(back.status).toBe("fulfilled");
    expect(await shop.pointer()).toMatchObject({ hold: { reason: "odd neighbours" } });
  });

  it("stays where a rollback has put it, until it is released", async () => {
    const shop = await shopWithModel("rolled-back");
    await shop.night();
    const { objects } = shop;
    await rollback(objects, { shop: "rolled-back", reason: "odd neighbours", now: new Date() });
    expect((await ask(shop)).model).toBe(first);
    await shop.ask({ action: "rerun", from: "similarity" });
    const held = await shop.nightEnds();
    expect(held.warnings.join()).toContain("a rollback set a hold");
    expect((await ask(shop)).model).toBe(first);
    await release(objects, "rolled-back");
    await shop.ask({ action: "rerun", from: "publish" });
    await shop.nightEnds();
    expect((await ask(shop)).model).not.toBe(first);
  });
});
