import { BigQuery, type Job } from "@google-cloud/bigquery";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startCloud, type Cloud } from "../cloud.ts";

let cloud: Cloud;
let bigquery: BigQuery;
beforeAll(async () => {
  cloud = await startCloud({ services: ["bigquery"], buckets: ["shop"] });
  bigquery = new BigQuery({
    projectId: cloud.project,
    apiEndpoint: cloud.endpoints.bigquery!,
    autoRetry: false,
  });
  await bigquery.createDataset("analytics_1", { location: "US" });
  await addDay("20260101", 3);
  await addDay("20260102", 5);
}, 600_000);
afterEach(() => cloud.faults.clear());
afterAll(() => cloud.close());

const dataset = () => bigquery.dataset("analytics_1");
const ITEMS = {
  name: "items",
  type: "RECORD",
  mode: "REPEATED",
  fields: [{ name: "item_id", type: "STRING" }],
};
const SCHEMA = [{ name: "event_name", type: "STRING" }, { name: "user", type: "STRING" }, ITEMS];

async function addDay(day: string, events: number): Promise<void> {
  await dataset().createTable(`events_${day}`, { schema: SCHEMA });
  const row = (k: number) => ({
    event_name: "view_item",
    user: `u${k}`,
    items: [{ item_id: `i${k}` }, { item_id: "tea" }],
  });
  await dataset()
    .table(`events_${day}`)
    .insert(Array.from({ length: events }, (_, k) => row(k)));
}

const SELECT = `SELECT user, item.item_id AS item, COUNT(*) AS count FROM \`analytics_1.events_*\`, UNNEST(items) AS item
  WHERE _TABLE_SUFFIX = @day GROUP BY user, item`;
const exportTo = (prefix: string) =>
  `EXPORT DATA OPTIONS(uri='gs://shop/${prefix}/*.parquet', format='PARQUET', overwrite=false) AS ${SELECT}`;

/**
 * Polls until the job is done, as the export stage does. The client's own promise waits a second
 * each time.
 */
async function ended(job: Job): Promise<any> {
  for (;;) {
    const [metadata] = await job.getMetadata();
    if (metadata.status?.state === "DONE") return metadata;
    await new Promise((done) => setTimeout(done, 20));
  }
}

test("A dry run says what a day costs without leaving a job, and reads only the day's table", async () => {
  const bytesOf = async (day: string) => {
    const [job] = await bigquery.createQueryJob({ query: SELECT, params: { day }, dryRun: true });
    return Number(job.metadata.statistics.totalBytesProcessed);
  };
  const [first, second] = [await bytesOf("20260101"), await bytesOf("20260102")];
  expect(first).toBeGreaterThan(0);
  expect(second / first).toBeCloseTo(5 / 3, 5);
  expect(await bytesOf("20260101")).toBe(first);
  const query = exportTo("dry");
  const [exported] = await bigquery.createQueryJob({ query, params: { day: "20260101" }, dryRun: true });
  expect(Number(exported.metadata.statistics.totalBytesProcessed)).toBe(first);
});

test("A dry run refuses what the query cannot do", async () => {
  const query = exportTo("dry").replace("SELECT user,", "SELECT usr,");
  const run = bigquery.createQueryJob({ query, params: { day: "20260101" }, dryRun: true });
  await expect(run).rejects.toMatchObject({ code: 400 });
});

test("Above maximumBytesBilled a job fails with production's reason, and nothing is written", async () => {
  const options = { query: exportTo("dear"), params: { day: "20260101" }, maximumBytesBilled: "1000000" };
  const [job] = await bigquery.createQueryJob(options);
  const { status } = await ended(job);
  expect(status.errorResult).toEqual({
    reason: "bytesBilledLimitExceeded",
    message: "Query exceeded limit for bytes billed: 1000000. 10485760 or higher required.",
  });
  expect(await cloud.files.list("gs://shop/dear/*")).toEqual([]);
});

test("A job id works once: the second time is a duplicate, and the first job is there to be looked at", async () => {
  const options = {
    query: exportTo("once"),
    params: { day: "20260101" },
    jobId: "export_1",
    labels: { shop: "demo" },
  };
  const [job] = await bigquery.createQueryJob(options);
  await expect(bigquery.createQueryJob(options)).rejects.toMatchObject({
    code: 409,
    errors: [{ reason: "duplicate" }],
  });
  const { statistics, configuration } = await ended(bigquery.job("export_1", { location: "US" }));
  expect(statistics.query.exportDataStatistics).toEqual({ fileCount: "1", rowCount: "6" });
  expect(statistics.query.totalBytesBilled).toBe("10485760");
  expect(configuration.labels).toEqual({ shop: "demo" });
  expect(await cloud.files.list("gs://shop/once/*")).toHaveLength(1);
  await expect(bigquery.job(job.id!, { location: "EU" }).getMetadata()).rejects.toMatchObject({ code: 404 });
});

test("An export does not overwrite what is there, unless it may", async () => {
  await cloud.files.write("gs://shop/twice/000000000000.parquet", "old");
  const options = { query: exportTo("twice"), params: { day: "20260101" } };
  expect((await ended((await bigquery.createQueryJob(options))[0])).status.errorResult.message).toMatch(
    /overwrite/,
  );
  const query = options.query.replace("overwrite=false", "overwrite=true");
  const [job] = await bigquery.createQueryJob({ ...options, query });
  expect((await ended(job)).status).toEqual({ state: "DONE" });
  expect((await cloud.files.read("gs://shop/twice/000000000000.parquet")).subarray(0, 4).toString()).toBe(
    "PAR1",
  );
});

test("What was exported can be loaded from the bucket into another table", async () => {
  const [job] = await bigquery.createQueryJob({ query: exportTo("load"), params: { day: "20260102" } });
  await ended(job);
  const types = { user: "STRING", item: "STRING", count: "INTEGER" };
  const schema = { fields: Object.entries(types).map(([name, type]) => ({ name, type })) };
  const configuration = {
    load: {
      schema,
      sourceUris: ["gs://shop/load/*.parquet"],
      sourceFormat: "PARQUET",
      writeDisposition: "WRITE_TRUNCATE",
      destinationTable: { projectId: cloud.project, datasetId: "analytics_1", tableId: "loaded" },
    },
  };
  const [load] = await bigquery.createJob({ configuration, jobId: "load_1", location: "US" });
  expect((await ended(load)).status).toEqual({ state: "DONE" });
  const [metadata] = await dataset().table("loaded").getMetadata();
  expect(metadata).toMatchObject({ numRows: "10" });
  const missing = { load: { ...configuration.load, sourceUris: ["gs://shop/nothing/*"] } };
  const [failed] = await bigquery.createJob({ configuration: missing });
  expect((await ended(failed)).status.errorResult).toMatchObject({ reason: "notFound" });
});

test("A table says how many rows it has, and when they changed", async () => {
  const table = dataset().table("events_20260102");
  const [before] = await table.getMetadata();
  expect(before).toMatchObject({ numRows: "5" });
  expect(Number(before.numBytes)).toBeGreaterThan(0);
  await table.insert([{ event_name: "purchase", user: "late", items: [{ item_id: "tea" }] }]);
  const [after] = await table.getMetadata();
  expect(after).toMatchObject({ numRows: "6" });
  expect(Number(after.lastModifiedTime)).toBeGreaterThan(Number(before.lastModifiedTime));
});

test("A table keeps the time when it expires", async () => {
  const expirationTime = String(Date.now() + 86_400_000);
  await dataset().createTable("pairs", { schema: SCHEMA, expirationTime });
  expect((await dataset().table("pairs").getMetadata())[0]).toMatchObject({ expirationTime });
});

test("A job that is held is RUNNING until it is released; its files appear only then", async () => {
  const fault = cloud.faults.add({ call: "BigQuery.job.run", hold: true });
  const [job] = await bigquery.createQueryJob({ query: exportTo("held"), params: { day: "20260101" } });
  const [{ status, statistics }] = await job.getMetadata();
  expect(status).toEqual({ state: "RUNNING" });
  expect(await cloud.files.list("gs://shop/held/*")).toEqual([]);
  fault.release();
  const done = await ended(job);
  expect(done.status).toEqual({ state: "DONE" });
  expect(done.statistics.creationTime).toBe(statistics.creationTime);
  expect(await cloud.files.list("gs://shop/held/*")).toHaveLength(1);
});

test("A job that is cancelled while it runs has stopped", async () => {
  cloud.faults.add({ call: "BigQuery.job.run", hold: true });
  const [job] = await bigquery.createQueryJob({ query: exportTo("stopped"), params: { day: "20260101" } });
  await job.cancel();
  expect((await ended(job)).status.errorResult.reason).toBe("stopped");
  expect(await cloud.files.list("gs://shop/stopped/*")).toEqual([]);
});

test("A job can be made to fail, and an error in a query is an error", async () => {
  cloud.faults.add({
    call: "BigQuery.job.run",
    error: { code: "INTERNAL", message: "Retry later", reason: "backendError" },
  });
  const [job] = await bigquery.createQueryJob({ query: SELECT, params: { day: "20260101" } });
  expect((await ended(job)).status.errorResult).toEqual({ reason: "backendError", message: "Retry later" });
  await expect(job.getQueryResults()).rejects.toThrow("Retry later");
  await expect(bigquery.query("SELECT nonsense FROM analytics_1.events_20260101")).rejects.toMatchObject({
    code: 400,
  });
});

test("A query's rows are waited for", async () => {
  const [job] = await bigquery.createQueryJob({
    query: `${SELECT} ORDER BY user, item`,
    params: { day: "20260101" },
  });
  const [rows] = await job.getQueryResults();
  expect(rows.slice(0, 2)).toEqual([
    { user: "u0", item: "i0", count: 1 },
    { user: "u0", item: "tea", count: 1 },
  ]);
});

test("A job must run where its dataset lies", async () => {
  const [job] = await bigquery.createQueryJob({ query: SELECT, params: { day: "20260101" }, location: "EU" });
  const { message } = (await ended(job)).status.errorResult;
  expect(message).toBe(`Not found: Dataset ${cloud.project}:analytics_1 was not found in location EU`);
});
