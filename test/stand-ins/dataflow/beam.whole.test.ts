import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FlexTemplatesServiceClient, JobsV1Beta3Client, MetricsV1Beta3Client } from "@google-cloud/dataflow";
import { Datastore } from "@google-cloud/datastore";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openDuckDB } from "../../../adapters/local/duckdb.ts";
import { temporaryFolder } from "../../temporary.ts";
import { grpcClient } from "../clients.ts";
import { perTable } from "../../../contracts/tables.ts";
import { startCloud, type Cloud } from "../cloud.ts";
import { datastoreEmulator } from "../datastore/datastore.ts";

const SPEC = "gs://shop/templates/load.json";
const METADATA = join(import.meta.dirname, "../../../templates/metadata.json");

describe.skipIf(!datastoreEmulator())("Dataflow runs the real pipeline", () => {
  const folder = temporaryFolder();
  let cloud: Cloud;
  let templates: FlexTemplatesServiceClient;
  let jobs: JobsV1Beta3Client;
  let metrics: MetricsV1Beta3Client;
  beforeAll(async () => {
    cloud = await startCloud({ services: ["dataflow", "datastore"], buckets: ["shop"] });
    const options = grpcClient(cloud.project, cloud.endpoints.dataflow);
    templates = new FlexTemplatesServiceClient(options);
    jobs = new JobsV1Beta3Client(options);
    metrics = new MetricsV1Beta3Client(options);
    const metadata = JSON.parse(readFileSync(METADATA, "utf8")) as unknown;
    const spec = { image: "load@sha256:0", sdkInfo: { language: "PYTHON" }, metadata };
    await cloud.files.write(SPEC, JSON.stringify(spec));
    await writeModel();
  }, 600_000);
  afterEach(() => cloud.faults.clear());
  afterAll(async () => {
    await Promise.all([templates.close(), jobs.close(), metrics.close()]);
    await cloud.close();
  });

  /** Two items, and one whose id is too long to be a key. */
  async function writeModel(): Promise<void> {
    const items = `(VALUES ('tea'), ('ink'), (repeat('x', 300))) AS items(item)`;
    const tables = {
      neighbours: `SELECT 'similar' AS scenario, item, [{item: 'rope', score: 0.5::DOUBLE}] AS neighbours FROM ${items}`,
      catalogue: `SELECT item, item AS name, NULL::VARCHAR AS category, 1.5::DOUBLE AS price, true AS available,
        3 AS users, 5 AS views, 1 AS purchases FROM ${items} WHERE length(item) < 10`,
    };
    const duckdb = await openDuckDB();
    for (const [name, query] of Object.entries(tables)) {
      await duckdb.connection.run(`COPY (${query}) TO '${folder}/${name}.parquet' (FORMAT parquet)`);
      await cloud.files.write(
        `gs://shop/model/${name}/0.parquet`,
        readFileSync(join(folder, `${name}.parquet`)),
      );
    }
    duckdb.close();
  }

  async function load(model: string) {
    const parameters = {
      mode: "load",
      shop: "demo",
      model,
      workers: "1",
      expireAt: "2027-01-01T00:00:00Z",
      neighbours: "gs://shop/model/neighbours/*.parquet",
      catalogue: "gs://shop/model/catalogue/*.parquet",
      sdk_container_image: "load@sha256:0",
      tables: JSON.stringify(perTable((_, { properties }) => properties)),
      deadLetters: `gs://shop/model/dead-${model}/rows`,
    };
    const place = { projectId: cloud.project, location: cloud.region };
    const launchParameter = {
      jobName: `load-${model.replace(".", "-")}`,
      containerSpecGcsPath: SPEC,
      parameters,
    };
    const [answer] = await templates.launchFlexTemplate({ ...place, launchParameter });
    await cloud.dataflow.idle();
    const jobId = answer.job!.id!;
    const [{ metrics: found }] = await metrics.getJobMetrics({ ...place, jobId });
    const committed = found!.filter(({ name }) => !name!.context!["tentative"]);
    return {
      state: (await jobs.getJob({ ...place, jobId }))[0].currentState,
      counters: Object.fromEntries(committed.map(({ name, scalar }) => [name!.name, scalar!.numberValue])),
    };
  }

  test("A model of the bucket becomes entities, its counters can be read, and what is no use is kept aside", async () => {
    expect(await load("2026-01-01.1")).toMatchObject({ state: "JOB_STATE_DONE", counters: { rejected: 1 } });
    process.env["DATASTORE_EMULATOR_HOST"] = cloud.endpoints.datastore!;
    const datastore = new Datastore({ projectId: cloud.project, namespace: "demo" });
    delete process.env["DATASTORE_EMULATOR_HOST"];
    const [entity] = await datastore.get(datastore.key(["Neighbours", "tea:2026-01-01.1"]));
    expect(entity).toMatchObject({ items: ["rope"], scores: [0.5], name: "tea" });
    const letters = await cloud.files.list("gs://shop/model/dead-2026-01-01.1/*");
    expect((await cloud.files.read(letters[0]!)).toString()).toContain("bad_item");
  });

  test("A load that Datastore refuses half way fails, and Dataflow says so", async () => {
    cloud.faults.add({ call: "Datastore.Commit", times: Infinity, error: { code: "RESOURCE_EXHAUSTED" } });
    expect(await load("2026-01-02.1")).toMatchObject({ state: "JOB_STATE_FAILED" });
  });
});
