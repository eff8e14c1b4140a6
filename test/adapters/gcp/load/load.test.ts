import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { loadStage } from "../../../../adapters/gcp/load/load-stage.ts";
import { literal, openDuckDB } from "../../../../adapters/local/duckdb.ts";
import { LoadMetrics } from "../../../../contracts/metrics.ts";
import { Problem } from "../../../../contracts/problem.ts";
import { jobFiles, paths } from "../../../../contracts/layout.ts";
import { Pointer } from "../../../../contracts/manifest.ts";
import { decodeSnapshot } from "../../../../core/model/decode.ts";
import { SOLD_OUT } from "../../../../core/ranking/stock.ts";
import { sha256 } from "../../../../night/state/sha256.ts";
import type { Stage, StageContext, StageState } from "../../../../night/run/stage.ts";
import { startCloud, type Cloud } from "../../../stand-ins/cloud.ts";
import { BUCKET, RUN, shopOn, similar } from "../stage-context.ts";
import metadata from "../../../../templates/metadata.json" with { type: "json" };

let cloud: Cloud;
let shop: Awaited<ReturnType<typeof shopOn>>;
let stage: Stage;
let context: StageContext;
let before = 0;

const similarity = similar(3);
const at = (path: string) => `gs://${BUCKET}/${path}`;

beforeAll(async () => {
  cloud = await startCloud({ services: ["storage", "dataflow"], buckets: [BUCKET] });
  shop = await shopOn(cloud, { stores: "both", loadWorkers: 3, loadMachine: "n1-standard-2" });
  stage = loadStage(shop.objects);
  const template = { image: "images/load@sha256:1", sdkInfo: { language: "PYTHON" }, metadata };
  await cloud.files.write(at(jobFiles.loadTemplate), JSON.stringify(template));
}, 120_000);
afterAll(() => cloud.close());
beforeEach(async () => {
  context = shop.contextOf({ similarity });
  before = cloud.dataflow.jobs().length;
  for (const uri of await cloud.files.list(at("shops/*")))
    await shop.objects.delete(uri.slice(at("").length));
  await writeModel();
});
afterEach(async () => {
  cloud.faults.clear();
  await cloud.dataflow.idle();
});

/** Writes a Parquet file of a query's rows below a prefix of the bucket. */
async function write(path: string, rows: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "steamer-test-"));
  const { connection, close } = await openDuckDB();
  await connection.run(`COPY (${rows}) TO ${literal(join(folder, basename(path)))} (FORMAT parquet)`);
  await cloud.files.uploadFolder(folder, at(`${dirname(path)}/`));
  close();
  rmSync(folder, { recursive: true });
}

const writeNeighbours = (name: string, ...pairs: [item: string, other: string][]) => {
  const lists = pairs.map(
    ([item, other]) => `('similar', '${item}', [{item: '${other}', score: 0.5::DOUBLE}])`,
  );
  const rows = `FROM (VALUES ${lists.join(", ")}) AS rows (scenario, item, neighbours)`;
  return write(`${similarity.neighbours}${name}.parquet`, rows);
};

/** Three items; the first two are alike. */
async function writeModel(): Promise<void> {
  await writeNeighbours("part", ["bowl", "cup"], ["cup", "bowl"]);
  await write(
    `${similarity.catalogue}part.parquet`,
    `SELECT item, upper(item) AS name, 'kitchen' AS category, 1.5 AS price, true AS available, users, 3 AS views, 1 AS purchases
     FROM (VALUES ('bowl', 7), ('cup', 9), ('spoon', 1)) AS rows (item, users)`,
  );
}

const heldJobs = () =>
  cloud.faults.add({ call: "Dataflow.job.run", times: 2, hold: true, error: { code: "UNKNOWN" } });

/** The jobs that a test has launched, by what they are for. */
const jobsOf = (mode: string) =>
  cloud.dataflow
    .jobs()
    .slice(before)
    .filter(({ parameters }) => parameters["mode"] === mode);

test("the snapshot alone needs no job, and comes out the same however often it is built", async () => {
  context.settings = { ...shop.settings, stores: "snapshot" };
  const operation = await stage.start(context);
  const [one, other] = await Promise.all([stage.poll(context, operation), stage.poll(context, operation)]);
  expect(one).toEqual(other);
  const { snapshot, items } = (one as { metrics: unknown }).metrics as LoadMetrics;
  expect(items).toBe(3);
  const bytes = await cloud.files.read(at(snapshot.path));
  expect(await sha256(bytes)).toBe(snapshot.sha256);
  const { idOf, tableOf } = decodeSnapshot(bytes);
  expect([0, 1, 2].map(idOf)).toEqual(["bowl", "cup", "spoon"]);
  expect([...tableOf("similar").offset]).toEqual([0, 1, 2, 2]);
  expect(jobsOf("load")).toEqual([]);
});

test("the snapshot has the scopes of users that the similarity stage listed", async () => {
  const scopeItems = `${similarity.neighbours.replace("neighbours", "scopes")}`;
  await write(
    `${scopeItems}part.parquet`,
    `SELECT 'north' AS scope, 12 AS users, [{item: 'cup', users: 9}, {item: 'bowl', users: 2}] AS items`,
  );
  context = shop.contextOf({ similarity: { ...similarity, scopeItems } });
  context.settings = { ...shop.settings, stores: "snapshot" };
  const { metrics } = (await stage.poll(context, {})) as unknown as { metrics: LoadMetrics };
  const { scopeItems: itemsOf, idOf } = decodeSnapshot(await cloud.files.read(at(metrics.snapshot.path)));
  const { rows, users } = itemsOf("north")!;
  expect([[...rows].map(idOf), [...users]]).toEqual([
    ["cup", "bowl"],
    [9, 2],
  ]);
});

test("the snapshot has what the shop's catalogue says, which is an object", async () => {
  const catalogue = at("feeds/products.tsv");
  await cloud.files.write(catalogue, "id\ttitle\tavailability\ncup\tA cup\tout of stock\nspoon\t\tperhaps\n");
  context.settings = { ...shop.settings, stores: "snapshot", catalogue };
  const found = (await stage.poll(context, {})) as unknown as { metrics: LoadMetrics; warnings: string[] };
  expect(found.metrics.catalogue).toMatchObject({ source: catalogue, items: 2, matched: 2, soldOut: 1 });
  expect(found.warnings.join()).toContain("1 values were left out: the availability");
  expect(found.warnings.join()).not.toContain("store is datastore");
  const { find, nameOf, stock } = decodeSnapshot(await cloud.files.read(at(found.metrics.snapshot.path)));
  expect([nameOf(find("cup")), nameOf(find("bowl"))]).toEqual(["A cup", "BOWL"]);
  expect(stock.availability[find("cup")]).toBe(SOLD_OUT);
});

test("a night says that a store in Datastore does not answer with the catalogue", async () => {
  const catalogue = at("feeds/products.tsv");
  await cloud.files.write(catalogue, "id\ttitle\ncup\tA cup\nbowl\tA bowl\n");
  context.settings = { ...shop.settings, stores: "snapshot", store: "datastore", catalogue };
  const { warnings } = (await stage.poll(context, {})) as unknown as { warnings: string[] };
  expect(warnings).toEqual([expect.stringContaining("store is datastore")]);
});

test.each([
  ["products.tsv", "on Google Cloud a catalogue is an object or a table"],
  [`gs://${BUCKET}/feeds/none.tsv`, `Reading the catalogue gs://${BUCKET}/feeds/none.tsv: `],
])("a catalogue that is not there is named: %s", async (catalogue, why) => {
  context.settings = { ...shop.settings, stores: "snapshot", catalogue };
  await expect(stage.poll(context, {})).rejects.toThrow(why);
});

const DAMAGE: Record<string, (bytes: Buffer) => Uint8Array> = {
  "that was cut off": (bytes) => bytes.subarray(0, bytes.length - 20),
  "whose pages are damaged": (bytes) => bytes.fill(7, 4, 60),
  "that is empty": () => Buffer.alloc(0),
};
test.each(
  Object.keys(DAMAGE).flatMap((damage) =>
    (["neighbours", "catalogue"] as const).map((kind) => [kind, damage] as const),
  ),
)("a file of the %s %s is named", async (kind, damage) => {
  context.settings = { ...shop.settings, stores: "snapshot" };
  const path = at(`${similarity[kind]}part.parquet`);
  await cloud.files.write(path, DAMAGE[damage](await cloud.files.read(path)));
  await expect(stage.poll(context, {})).rejects.toThrow(`Reading ${path}: `);
});

test("neighbours that do not fit the catalogue, or are not there, are refused", async () => {
  context.settings = { ...shop.settings, stores: "snapshot" };
  const refusal = async (...pairs: [string, string][]) => {
    await writeNeighbours("more", ...pairs);
    return stage.poll(context, {}).catch(({ message }: Error) => message);
  };
  expect(await refusal(["spoon", "fork"])).toContain("a neighbour is not in the catalogue");
  expect(await refusal(["fork", "spoon"])).toContain("an item that has neighbours is not in the catalogue");
  expect(await refusal(["cup", "spoon"])).toContain("an item has two lists of neighbours");
  for (const name of ["part", "more"]) await shop.objects.delete(`${similarity.neighbours}${name}.parquet`);
  const why = `Reading ${at(similarity.neighbours)}: there is no Parquet file`;
  await expect(stage.poll(context, {})).rejects.toThrow(why);
});

test("an attempt is one job, however often it is started; its parameters fit the template", async () => {
  const job = heldJobs();
  const operations = await Promise.all([stage.start(context), stage.start(context)]);
  operations.push(await stage.start(context));
  expect(new Set(operations.map(({ load }) => load)).size).toBe(1);
  const [{ parameters, name }, ...others] = jobsOf("load");
  expect(others).toEqual([]);
  expect(parameters).toMatchObject({
    shop: "toys",
    model: RUN,
    workers: "6",
    sdk_container_image: "images/load@sha256:1",
    neighbours: at(`${similarity.neighbours}*.parquet`),
    deadLetters: at(`${paths.model("toys", RUN)}load=1/rejects`),
  });
  const days = (Date.parse(parameters["expireAt"]) - Date.parse(context.manifest.startedAt)) / 86_400_000;
  expect(days).toBe(90);
  job.release();
  await cloud.dataflow.idle();
  // An ended job of the name does not keep Dataflow from starting another one.
  expect((await stage.start(context))["load"]).toBe(operations[0]["load"]);
  expect(jobsOf("load").map((each) => each.name)).toEqual([name]);
});

test("a launch whose answer was lost is found again", async () => {
  heldJobs();
  cloud.faults.add({ call: "Dataflow.LaunchFlexTemplate", lost: true });
  await expect(stage.start(context)).rejects.not.toBeInstanceOf(Problem);
  const { load } = await stage.start(context);
  expect(jobsOf("load").map(({ id }) => id)).toEqual([load]);
});

test("the clean-up keeps what the bucket has, what the pointer names or named within a day, and this run", async () => {
  heldJobs();
  const hours = (count: number) => new Date(Date.now() - count * 3600_000).toISOString();
  const pointer: Pointer = {
    model: "2026-11-20.1",
    lastDay: "2026-11-20",
    previous: "2026-11-19.1",
    hold: null,
    retired: [
      { model: "2026-11-18.2", at: hours(20) },
      { model: "2026-11-10.1", at: hours(30) },
    ],
  };
  await shop.objects.put(paths.pointer("toys"), JSON.stringify(pointer));
  await shop.objects.put(`${paths.model("toys", "2026-11-17.1")}load=1/snapshot.arrow`, "x");
  await stage.start(context);
  const [{ parameters }] = jobsOf("clean");
  expect(parameters["keep"].split(",").sort()).toEqual(
    ["2026-11-17.1", "2026-11-18.2", "2026-11-19.1", "2026-11-20.1", RUN].sort(),
  );
});

test("before the first model there is nothing to clean up", async () => {
  heldJobs();
  await stage.start(context);
  expect(jobsOf("clean")).toEqual([]);
});

async function failedWith(message: string): Promise<StageState> {
  cloud.faults.add({ call: "Dataflow.job.run", error: { code: "UNKNOWN", message } });
  const operation = await stage.start(context);
  await cloud.dataflow.idle();
  return stage.poll(context, operation);
}

test("a job that fails may be tried again; one that says what is wrong with the rows may not", async () => {
  const state = await failedWith("Workflow failed. Causes: ZONE_RESOURCE_POOL_EXHAUSTED");
  expect(state).toMatchObject({ state: "failed", retry: true });
  expect(state).toHaveProperty("reason", expect.stringContaining("ZONE_RESOURCE_POOL_EXHAUSTED"));
  context = { ...context, attempt: 2 };
  const traceback = [
    "Traceback (most recent call last):",
    '  File "apache_beam/runners/common.py", line 1",',
    "steamer_load.problem.Problem: Reading gs://toys-data/part.parquet: it has no column item",
    "  Next: look at the stage that wrote it [while running 'Read neighbours/Read-ptransform-41']",
    "",
  ];
  expect(await failedWith(traceback.join("\n"))).toMatchObject({
    state: "failed",
    retry: false,
    reason: expect.stringMatching(
      /: Reading gs:\/\/toys-data\/part.parquet: it has no column item\n {2}Next: look at the stage that wrote it$/,
    ),
  });
});

test("cancelling stops both jobs, also when it is done twice", async () => {
  await shop.objects.put(
    paths.pointer("toys"),
    JSON.stringify({ model: "2026-11-20.1", lastDay: "2026-11-20", previous: null, hold: null }),
  );
  heldJobs();
  const operation = await stage.start(context);
  expect(await stage.poll(context, operation)).toMatchObject({ state: "running" });
  await stage.cancel(context, operation);
  await stage.cancel(context, operation);
  await cloud.dataflow.idle();
  expect([...jobsOf("load"), ...jobsOf("clean")].map(({ state }) => state)).toEqual([
    "JOB_STATE_CANCELLED",
    "JOB_STATE_CANCELLED",
  ]);
  expect(await stage.poll(context, operation)).toMatchObject({ state: "failed", retry: false });
});

test("a template that was never built is said to be missing", async () => {
  const spec = await cloud.files.read(at(jobFiles.loadTemplate));
  await shop.objects.delete(jobFiles.loadTemplate);
  await expect(stage.start(context)).rejects.toThrow("load-template.json: it is not in the bucket");
  await cloud.files.write(at(jobFiles.loadTemplate), spec);
});
