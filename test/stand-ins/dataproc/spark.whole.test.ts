import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { protos, WorkflowTemplateServiceClient } from "@google-cloud/dataproc";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../temporary.ts";
import { grpcClient } from "../clients.ts";
import { startCloud, type Cloud } from "../cloud.ts";
import { sparkAvailable } from "./spark.ts";

const MAIN = `
import sys
from pyspark.sql import SparkSession
from greeting import words
from manners import polite
spark = SparkSession.builder.getOrCreate()
assert spark.conf.get("spark.sql.shuffle.partitions") == "3"
rows = spark.read.json(sys.argv[1]).collect()
if not rows[0].name:
    raise ValueError("nobody to greet")
spark.createDataFrame([(polite(words(row.name)),) for row in rows], "text string").write.parquet(sys.argv[2])
print(spark.read.parquet(sys.argv[2]).collect())
`;

let cloud: Cloud;
let workflows: WorkflowTemplateServiceClient;

describe.skipIf(!sparkAvailable())("Dataproc runs the real Spark", () => {
  const temporary = temporaryFolder();
  beforeAll(async () => {
    cloud = await startCloud({ services: ["dataproc"], buckets: ["shop"] });
    workflows = new WorkflowTemplateServiceClient(grpcClient(cloud.project, cloud.endpoints.dataproc));
    await cloud.files.write("gs://shop/jobs/main.py", MAIN);
    await cloud.files.write("gs://shop/jobs/greeting.py", "words = lambda name: f'Hello {name}'");
    // pip's packing: a folder that is unpacked beside the job.
    const packed = join(temporary, "packages.tar.gz");
    writeFileSync(join(temporary, "manners.py"), "polite = lambda text: text + ', pleased to meet you'");
    spawnSync("tar", ["--mtime=@0", "-czf", packed, "-C", temporary, "manners.py"]);
    await cloud.files.write("gs://shop/jobs/packages.tar.gz", readFileSync(packed));
    await cloud.files.write("gs://shop/in/names.json", '{"name":"Ada"}\n{"name":"Grete"}\n');
    await cloud.files.write("gs://shop/in/nobody.json", '{"name":""}\n');
  }, 600_000);
  afterAll(async () => {
    await workflows.close();
    await cloud.close();
  });

  async function run(...args: string[]) {
    const pysparkJob = {
      mainPythonFileUri: "gs://shop/jobs/main.py",
      pythonFileUris: ["gs://shop/jobs/greeting.py"],
      args,
      archiveUris: ["gs://shop/jobs/packages.tar.gz#packages"],
      properties: {
        "spark.sql.shuffle.partitions": "3",
        "spark.submit.deployMode": "cluster",
        "spark.yarn.appMasterEnv.PYTHONPATH": "./packages",
        "spark.executorEnv.PYTHONPATH": "./packages",
      },
    };
    const managedCluster = { clusterName: "night", config: { configBucket: "shop" } };
    const template = { placement: { managedCluster }, jobs: [{ stepId: "greet", pysparkJob }] };
    const parent = `projects/${cloud.project}/regions/${cloud.region}`;
    const [{ name }] = await workflows.instantiateInlineWorkflowTemplate({ parent, template });
    expect(cloud.dataproc.clusters()).toHaveLength(1);
    await cloud.dataproc.idle();
    const [operation] = await workflows.getOperation({ name } as never);
    const { WorkflowMetadata } = protos.google.cloud.dataproc.v1;
    return WorkflowMetadata.decode(operation.metadata!.value as Uint8Array).graph!.nodes![0]!;
  }

  test("A job reads and writes the bucket with the template's packages, arguments and properties", async () => {
    expect(await run("gs://shop/in/names.json", "gs://shop/out")).toMatchObject({ state: 4, error: "" });
    expect((await cloud.files.list("gs://shop/out/*.parquet")).length).toBeGreaterThan(0);
    expect(cloud.dataproc.clusters()).toEqual([]);
  });

  test("A job that fails leaves what it said in the cluster's bucket", async () => {
    const { state, error } = await run("gs://shop/in/nobody.json", "gs://shop/never");
    expect(state).toBe(5);
    const output = /gs:\S+driveroutput/.exec(error!)![0];
    const text = (await cloud.files.read(`${output}.000000000`)).toString();
    expect(text).toContain("ValueError: nobody to greet");
    expect(cloud.dataproc.clusters()).toEqual([]);
  });
});
