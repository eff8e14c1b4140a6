import { ClusterControllerClient, protos, WorkflowTemplateServiceClient } from "@google-cloud/dataproc";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { grpcClient } from "../clients.ts";
import { startCloud, type Cloud } from "../cloud.ts";

const { WorkflowMetadata } = protos.google.cloud.dataproc.v1;

let cloud: Cloud;
let workflows: WorkflowTemplateServiceClient;
let clusters: ClusterControllerClient;
let parent: string;
beforeAll(async () => {
  cloud = await startCloud({ services: ["dataproc"], buckets: ["shop"] });
  workflows = new WorkflowTemplateServiceClient(grpcClient(cloud.project, cloud.endpoints.dataproc));
  clusters = new ClusterControllerClient(grpcClient(cloud.project, cloud.endpoints.dataproc));
  parent = `projects/${cloud.project}/regions/${cloud.region}`;
}, 600_000);
afterEach(async () => {
  for (const { name } of cloud.dataproc.workflows()) await workflows.cancelOperation({ name } as never);
  cloud.faults.clear();
  await cloud.dataproc.idle();
});
afterAll(async () => {
  await Promise.all([workflows.close(), clusters.close()]);
  await cloud.close();
});

const template = (changes: Record<string, unknown> = {}) => ({
  placement: {
    managedCluster: {
      clusterName: "night",
      labels: { shop: "demo" },
      config: { lifecycleConfig: { idleDeleteTtl: { seconds: 600 }, autoDeleteTtl: { seconds: 18_000 } } },
    },
  },
  jobs: [{ stepId: "similarity", pysparkJob: { mainPythonFileUri: "gs://shop/none.py" } }],
  dagTimeout: { seconds: 14_400 },
  ...changes,
});

async function start(requestId = "", changes?: Record<string, unknown>): Promise<string> {
  const [operation] = await workflows.instantiateInlineWorkflowTemplate({
    parent,
    requestId,
    template: template(changes),
  });
  return operation.name!;
}

async function look(name: string) {
  const [operation] = await workflows.getOperation({ name } as never);
  const { graph, ...metadata } = WorkflowMetadata.decode(operation.metadata!.value as Uint8Array);
  return { done: operation.done, error: operation.error, ...metadata, node: graph!.nodes![0]! };
}

const hold = (call: string) => cloud.faults.add({ call, hold: true, times: Infinity });

test("A workflow makes a cluster with a name and labels of its own, and looks as the API has it while its job runs", async () => {
  const running = hold("Dataproc.job.run");
  const name = await start();
  await running.reached;
  expect(cloud.dataproc.clusters()).toMatchObject([{ state: "RUNNING", labels: { shop: "demo" } }]);
  const workflow = await look(name);
  expect(workflow).toMatchObject({ done: false, state: 2, createCluster: { done: true, error: "" } });
  expect(workflow.clusterName).toMatch(/^night-[0-9a-f]{12}$/);
  expect(workflow.node).toMatchObject({ stepId: "similarity", state: 3 });
  const place = { projectId: cloud.project, region: cloud.region };
  const [cluster] = await clusters.getCluster({ ...place, clusterName: workflow.clusterName });
  expect(cluster.status).toMatchObject({ state: "RUNNING" });
  const [found] = await clusters.listClusters({
    ...place,
    filter: "status.state = ACTIVE AND labels.shop = demo",
  });
  expect(found).toHaveLength(1);
  expect((await clusters.listClusters({ ...place, filter: "labels.shop = other" }))[0]).toEqual([]);
});

test("A request id keeps a second workflow from starting only while the first one runs", async () => {
  const running = hold("Dataproc.job.run");
  const first = await start("night-1");
  await running.reached;
  expect(await start("night-1")).toBe(first);
  await workflows.cancelOperation({ name: first } as never);
  await cloud.dataproc.idle();
  expect(await start("night-1")).not.toBe(first);
});

test("A cancelled workflow deletes its cluster", async () => {
  const running = hold("Dataproc.job.run");
  const name = await start();
  await running.reached;
  await workflows.cancelOperation({ name } as never);
  await cloud.dataproc.idle();
  expect(cloud.dataproc.clusters()).toEqual([]);
  expect(await look(name)).toMatchObject({ done: true, state: 3, error: { code: 1 }, node: { state: 5 } });
});

test("A cluster that cannot be made fails the workflow, and is not left behind", async () => {
  const message = "Insufficient 'CPUS' quota. Requested 12.0, available 8.0.";
  cloud.faults.add({ call: "Dataproc.cluster.create", error: { code: "INVALID_ARGUMENT", message } });
  const name = await start();
  await cloud.dataproc.idle();
  const { error, createCluster, node } = await look(name);
  expect(error).toMatchObject({ code: 3, message });
  expect(createCluster).toMatchObject({ done: true, error: message });
  expect(node.state).toBe(5);
  expect(cloud.dataproc.clusters()).toEqual([]);
});

test("A job that runs past the workflow's limit is ended, and its cluster deleted", async () => {
  const running = hold("Dataproc.job.run");
  const name = await start();
  await running.reached;
  cloud.advance(14_401);
  await cloud.dataproc.idle();
  expect((await look(name)).node.error).toContain("dagTimeout of 14400 s");
  expect(cloud.dataproc.clusters()).toEqual([]);
});

test("A job that fails fails its node; the operation itself has no error", async () => {
  cloud.faults.add({
    call: "Dataproc.job.run",
    error: { code: "INTERNAL", message: "Task was not acquired" },
  });
  const name = await start();
  await cloud.dataproc.idle();
  const { done, error, node } = await look(name);
  expect(done).toBe(true);
  expect(error ?? null).toBeNull();
  expect(node).toMatchObject({ state: 5, error: "Task was not acquired" });
});

test("A cluster whose deletion fails stays, and can be deleted by hand", async () => {
  cloud.faults.add({ call: "Dataproc.job.run", error: { code: "INTERNAL" } });
  cloud.faults.add({ call: "Dataproc.cluster.delete", error: { code: "INTERNAL", message: "Try again" } });
  const name = await start();
  await cloud.dataproc.idle();
  const { deleteCluster, clusterName } = await look(name);
  expect(deleteCluster).toMatchObject({ done: true, error: "Try again" });
  expect(cloud.dataproc.clusters()).toMatchObject([{ name: clusterName, state: "RUNNING" }]);
  const request = { projectId: cloud.project, region: cloud.region, clusterName };
  const [operation] = await clusters.deleteCluster(request);
  await operation.promise();
  expect(cloud.dataproc.clusters()).toEqual([]);
  await expect(clusters.deleteCluster(request)).rejects.toMatchObject({ code: 5 });
});

test("A cluster that nobody deletes ends when it has been idle for too long", async () => {
  cloud.faults.add({ call: "Dataproc.job.run", error: { code: "INTERNAL" } });
  cloud.faults.add({ call: "Dataproc.cluster.delete", error: { code: "INTERNAL" } });
  await start();
  await cloud.dataproc.idle();
  expect(cloud.dataproc.clusters()).toHaveLength(1);
  cloud.advance(601);
  await expect.poll(() => cloud.dataproc.clusters()).toEqual([]);
});

test("Workflows are listed as operations", async () => {
  hold("Dataproc.job.run");
  const name = await start();
  const found: string[] = [];
  const request = { name: `${parent}/operations`, filter: "", pageSize: 0, pageToken: "" } as never;
  for await (const operation of workflows.listOperationsAsync(request, { autoPaginate: false }))
    found.push(operation.name!);
  expect(found).toContain(name);
});

test.each([
  ["a limit of 30 hours", { dagTimeout: { seconds: 108_000 } }, "dagTimeout"],
  ["no job", { jobs: [] }, "job"],
  ["a long cluster name", { placement: { managedCluster: { clusterName: "n".repeat(36) } } }, "clusterName"],
  ["a label in capitals", { labels: { Shop: "demo" } }, "label"],
])("A template with %s is refused", async (_, changes, word) => {
  await expect(start("", changes)).rejects.toMatchObject({ code: 3, message: expect.stringContaining(word) });
});
