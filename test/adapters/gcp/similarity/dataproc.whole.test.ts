import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { dataprocStage } from "../../../../adapters/gcp/similarity/dataproc/dataproc-stage.ts";
import {
  similarityRequest,
  similarityResult,
} from "../../../../adapters/gcp/similarity/dataproc/job-request.ts";
import type { SimilarityRequest } from "../../../../contracts/jobs.ts";
import { Problem } from "../../../../contracts/problem.ts";
import type { Settings } from "../../../../contracts/settings/settings.ts";
import type { Objects } from "../../../../night/state/objects.ts";
import type { Operation, Stage, StageContext, StageState } from "../../../../night/run/stage.ts";
import { memoryObjects } from "../../../night/shop.ts";
import { startCloud, type Cloud } from "../../../stand-ins/cloud.ts";
import { BUCKET, exported, shopOn } from "../stage-context.ts";

let cloud: Cloud;
let stage: Stage;
let objects: Objects;
let contextOf: Awaited<ReturnType<typeof shopOn>>["contextOf"];
let context: StageContext;

beforeAll(async () => {
  cloud = await startCloud({ services: ["storage", "dataproc"], buckets: [BUCKET] });
  const machines = { clusterMachine: "n2-standard-8", clusterSpotWorkers: 3 };
  const subnetwork = "projects/p/regions/r/subnetworks/s";
  const shop = await shopOn(cloud, { ...machines, subnetwork, stageLimitMinutes: 90 });
  objects = shop.objects;
  stage = dataprocStage(objects);
  contextOf = shop.contextOf;
}, 120_000);
afterAll(() => cloud.close());
// Each test's run began at another time: it is another run.
beforeEach(() => (context = contextOf({ export: exported(["2026-11-20", "2026-11-21"]) })));
afterEach(async () => {
  cloud.faults.clear();
  await cloud.dataproc.idle();
  expect(cloud.dataproc.clusters(), "no cluster is left").toEqual([]);
});

/**
 * The job waits until it is let go, and then fails: whether it succeeds is for the tests with the
 * real one.
 */
const heldJob = () => cloud.faults.add({ call: "Dataproc.job.run", hold: true, error: { code: "UNKNOWN" } });

async function ended(operation: Operation): Promise<StageState> {
  await cloud.dataproc.idle();
  return stage.poll(context, operation);
}

test("an attempt is one workflow on one cluster, however often it is started", async () => {
  const before = cloud.dataproc.workflows().length;
  const job = heldJob();
  const started = await Promise.all([stage.start(context), stage.start(context)]);
  await job.reached;
  const again = await stage.start(context);
  expect(started).toEqual([again, again]);
  expect(cloud.dataproc.workflows().length - before).toBe(1);
  job.release();
  await cloud.dataproc.idle();
  expect(await stage.start(context), "also when it has ended").toEqual(again);
  const next = await stage.start({ ...context, attempt: 2 });
  expect(next).not.toEqual(again);
});

test("a workflow whose answer was lost is found again", async () => {
  const job = heldJob();
  const before = cloud.dataproc.workflows().length;
  // The client repeats the call, and the second one is refused: one with this id is running.
  cloud.faults.add({ call: "Dataproc.InstantiateInlineWorkflowTemplate", lost: true });
  const second = cloud.faults.add({
    call: "Dataproc.InstantiateInlineWorkflowTemplate",
    error: { code: "ALREADY_EXISTS" },
  });
  await stage.start(context);
  expect(second.hits).toBe(1);
  await job.reached;
  expect(cloud.dataproc.workflows().length - before).toBe(1);
});

test("a workflow tells how far it is, and its cluster is asked for as the settings say", async () => {
  let config: Record<string, unknown> = {};
  const when = (asked: { config: typeof config }) => (config = asked.config) !== undefined;
  const creation = cloud.faults.add({ call: "Dataproc.cluster.create", hold: true, when });
  const job = heldJob();
  const operation = await stage.start(context);
  await creation.reached;
  expect(await stage.poll(context, operation)).toMatchObject({ message: "creating the cluster" });
  const [{ labels }] = cloud.dataproc.clusters();
  expect(labels).toMatchObject({ app: "steamer", shop: "toys", run: "2026-11-21_1", stage: "similarity" });
  expect(config).toMatchObject({
    gceClusterConfig: {
      internalIpOnly: true,
      subnetworkUri: "projects/p/regions/r/subnetworks/s",
      serviceAccount: `steamer-dataproc@${cloud.project}.iam.gserviceaccount.com`,
    },
    masterConfig: { numInstances: 1, machineTypeUri: "n2-standard-8" },
    workerConfig: { numInstances: 2, machineTypeUri: "n2-standard-8" },
    secondaryWorkerConfig: { numInstances: 3, preemptibility: "SPOT" },
    softwareConfig: { imageVersion: "2.3-debian12" },
    lifecycleConfig: { idleDeleteTtl: { seconds: "600" }, autoDeleteTtl: { seconds: "6000" } },
  });
  creation.release();
  await job.reached;
  expect(await stage.poll(context, operation)).toMatchObject({ message: "the Spark job is running" });
});

test("a cluster that cannot be made fails the attempt, says why, and may be made the next time", async () => {
  const message = "Insufficient 'CPUS' quota. Requested 12.0, available 8.0.";
  cloud.faults.add({ call: "Dataproc.cluster.create", error: { code: "INVALID_ARGUMENT", message } });
  const state = await ended(await stage.start(context));
  expect(state).toMatchObject({ state: "failed", retry: true });
  expect(state).toHaveProperty("reason", expect.stringContaining(message));
});

test("a job that fails is not run again, one whose machines were taken away is", async () => {
  const failing = (message: string) =>
    cloud.faults.add({ call: "Dataproc.job.run", error: { code: "UNKNOWN", message } });
  failing("Job failed with message [ValueError: no such column].");
  expect(await ended(await stage.start(context))).toMatchObject({
    state: "failed",
    retry: false,
    reason: expect.stringContaining("no such column"),
  });
  failing("Task was not acquired");
  context = { ...context, attempt: 2 };
  expect(await ended(await stage.start(context))).toMatchObject({ state: "failed", retry: true });
});

test("a job that fails says why itself, if it can", async () => {
  const said = { doing: "Reading gs://toys-data/day.parquet", why: "it is damaged", next: "export it again" };
  const output = "shops/toys/models/2026-11-21.1/similarity=1/";
  await cloud.files.write(`gs://${BUCKET}/${output}problem.json`, JSON.stringify(said));
  const message = "Google Cloud Dataproc Agent reports job failure.";
  cloud.faults.add({ call: "Dataproc.job.run", error: { code: "UNKNOWN", message } });
  const reason = "Reading gs://toys-data/day.parquet: it is damaged\n  Next: export it again";
  expect(await ended(await stage.start(context))).toEqual({ state: "failed", retry: false, reason });
  await objects.delete(`${output}problem.json`);
});

test("a workflow that outlives its limit is ended by Dataproc, with its cluster", async () => {
  const job = heldJob();
  const operation = await stage.start(context);
  await job.reached;
  cloud.advance(90 * 60 + 1);
  expect(await ended(operation)).toMatchObject({ state: "failed", retry: false });
});

test("cancelling ends job and cluster, also when it is done twice, or too late", async () => {
  const job = heldJob();
  const operation = await stage.start(context);
  await job.reached;
  await stage.cancel(context, operation);
  expect(cloud.dataproc.clusters()).toEqual([]);
  await stage.cancel(context, operation);
  expect(await stage.poll(context, operation)).toMatchObject({ state: "failed", retry: false });
});

test("a workflow that takes its time to end is cancelled by a later look", async () => {
  const deletion = cloud.faults.add({ call: "Dataproc.cluster.delete", hold: true });
  const job = heldJob();
  const operation = await stage.start(context);
  await job.reached;
  await expect(stage.cancel(context, operation)).rejects.not.toBeInstanceOf(Problem);
  deletion.release();
  await stage.cancel(context, operation);
  expect(cloud.dataproc.clusters()).toEqual([]);
});

test("a workflow that may not be cancelled loses its cluster", async () => {
  const job = heldJob();
  const operation = await stage.start(context);
  await job.reached;
  cloud.faults.add({ call: "Dataproc.CancelOperation", error: { code: "PERMISSION_DENIED" } });
  await stage.cancel(context, operation);
  expect(cloud.dataproc.clusters()).toEqual([]);
});

test("a cluster that nobody may delete is named, and ends by its age", async () => {
  const job = heldJob();
  const operation = await stage.start(context);
  await job.reached;
  const [{ name }] = cloud.dataproc.clusters();
  cloud.faults.add({ call: "Dataproc.CancelOperation", error: { code: "PERMISSION_DENIED" } });
  cloud.faults.add({ call: "Dataproc.DeleteCluster", error: { code: "PERMISSION_DENIED" } });
  await expect(stage.cancel(context, operation)).rejects.toThrow(
    new RegExp(`^Deleting the cluster ${name}: .*\n {2}Next: .*its age limit ends it$`),
  );
  // The job goes on, unseen; its workflow is held to its limit, and the cluster to its own.
  cloud.advance(90 * 60 + 1);
});

test("a cluster that the workflow could not delete is deleted at the last look", async () => {
  cloud.faults.add({ call: "Dataproc.job.run", error: { code: "UNKNOWN", message: "it failed" } });
  cloud.faults.add({ call: "Dataproc.cluster.delete", error: { code: "INTERNAL" } });
  const operation = await stage.start(context);
  await cloud.dataproc.idle();
  expect(cloud.dataproc.clusters()).toHaveLength(1);
  await stage.poll(context, operation);
  await expect.poll(() => cloud.dataproc.clusters()).toEqual([]);
});

test("a service that is down leaves the attempt to a later look", async () => {
  const job = heldJob();
  const operation = await stage.start(context);
  await job.reached;
  cloud.faults.add({ call: "Dataproc.GetOperation", times: 99, error: { code: "INTERNAL" } });
  await expect(stage.poll(context, operation)).rejects.not.toBeInstanceOf(Problem);
  cloud.faults.clear();
});

test("a job that ends well but leaves no counts, or wrong ones, has failed", async () => {
  const memory = memoryObjects();
  const path = "shops/toys/models/2026-11-21.1/similarity=1/metrics.json";
  const reason = async () => {
    const state = await similarityResult(memory, context);
    return state.state === "failed" ? state.reason : state;
  };
  expect(await reason()).toMatch(
    /^Reading gs:\/\/toys-data\/\S+metrics.json: the job ended well without it\n/,
  );
  await memory.put(path, "{");
  expect(await reason()).toContain("must be object");
  await memory.put(path, JSON.stringify({ items: 2, users: "many", scenarios: {} }));
  expect(await reason()).toContain("/users must be integer");
  await memory.put(path, JSON.stringify({ items: 2, users: 3, scenarios: {} }));
  const eventWeights = { view_item: 1, add_to_cart: 1, purchase: 1 };
  context.settings = { ...context.settings, eventWeights };
  expect(await reason()).toMatchObject({
    state: "done",
    metrics: { items: 2, users: 3, neighbours: path.replace("metrics.json", "neighbours/") },
    warnings: [expect.stringContaining("eventWeights have no effect")],
  });
});

test("a job that has found factors says where they are", async () => {
  const memory = memoryObjects();
  const factors = { factors: 2, iterations: 1, loss: 1.5, users: 3, items: 2, entries: 4 };
  const folder = "shops/toys/models/2026-11-21.1/similarity=1/";
  await memory.put(`${folder}metrics.json`, JSON.stringify({ items: 2, users: 3, scenarios: {}, factors }));
  expect(await similarityResult(memory, context)).toMatchObject({
    metrics: { userFactors: `${folder}factors/users/`, itemFactors: `${folder}factors/items/`, factors },
  });
});

test("a job that has listed scopes says where they are, and one that has not says why", async () => {
  const memory = memoryObjects();
  const folder = "shops/toys/models/2026-11-21.1/similarity=1/";
  const found = async (scopes: object) => {
    const counts = { items: 2, users: 3, scenarios: {}, scopes };
    await memory.put(`${folder}metrics.json`, JSON.stringify(counts));
    return similarityResult(memory, context);
  };
  const listed = { found: 3, small: 1, listed: 2 };
  expect(await found(listed)).toMatchObject({
    metrics: { scopeItems: `${folder}scopes/`, scopes: listed },
    warnings: [],
  });
  const few = await found({ found: 3, small: 3, listed: 0 });
  expect(few).toMatchObject({ warnings: [expect.stringContaining("fewer than 10 users")] });
  expect((few as { metrics: object }).metrics).not.toHaveProperty("scopeItems");
  expect(await found({ found: 1002, small: 1, listed: 1000 })).toMatchObject({
    warnings: [expect.stringMatching(/^1 scopes of users were left out/)],
  });
});

test("the job is asked for scopes where the settings say what names them", () => {
  const asked = (change: Partial<Settings>) => {
    const settings = { ...context.settings, ...change };
    return (JSON.parse(similarityRequest({ ...context, settings })) as SimilarityRequest).scopes;
  };
  const bounds = { minUsers: 20, most: 1000, items: 1000 };
  expect(asked({ ga4Scope: "geo.region", minScopeUsers: 20 })).toEqual(bounds);
  expect(asked({})).toBeUndefined();
});

test("the job is asked for factors as the settings say, or for none", () => {
  const asked = (change: Partial<Settings>) => {
    const settings = { ...context.settings, ...change };
    return (JSON.parse(similarityRequest({ ...context, settings })) as SimilarityRequest).als;
  };
  expect(asked({ "als.regularization": 0.5 })).toEqual({
    factors: 64,
    iterations: 15,
    regularization: 0.5,
    exponent: 1,
    unobserved: 0.1,
    eventWeights: { view_item: 0.5, add_to_cart: 2, purchase: 6 },
    seed: 1,
  });
  expect(asked({ "als.factors": 0, "als.exponent": 0.5 })).toBeUndefined();
});

test("factors with an exponent that Spark does not have are refused before anything is started", async () => {
  const before = cloud.dataproc.workflows().length;
  const settings = { ...context.settings, "als.exponent": 0.5 };
  await expect(stage.start({ ...context, settings })).rejects.toThrow(/als.exponent is 0.5.*\n.*to 1, or/);
  expect(cloud.dataproc.workflows()).toHaveLength(before);
});

test("more days than a program's argument can hold are refused before anything is started", async () => {
  const days = Array.from({ length: 1500 }, () => "2026-11-21");
  const before = cloud.dataproc.workflows().length;
  await expect(stage.start(contextOf({ export: exported(days) }))).rejects.toThrow("set days to fewer");
  expect(cloud.dataproc.workflows()).toHaveLength(before);
});
