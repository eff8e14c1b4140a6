import { FlexTemplatesServiceClient, JobsV1Beta3Client, MessagesV1Beta3Client } from "@google-cloud/dataflow";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { grpcClient } from "../clients.ts";
import { startCloud, type Cloud } from "../cloud.ts";

const SPEC = "gs://shop/templates/load.json";

let cloud: Cloud;
let templates: FlexTemplatesServiceClient;
let jobs: JobsV1Beta3Client;
let messages: MessagesV1Beta3Client;
let place: { projectId: string; location: string };
beforeAll(async () => {
  cloud = await startCloud({ services: ["dataflow"], buckets: ["shop"] });
  const options = grpcClient(cloud.project, cloud.endpoints.dataflow);
  templates = new FlexTemplatesServiceClient(options);
  jobs = new JobsV1Beta3Client(options);
  messages = new MessagesV1Beta3Client(options);
  place = { projectId: cloud.project, location: cloud.region };
  const parameters = [
    { name: "shop", regexes: ["[a-z]+"] },
    { name: "keep", isOptional: true },
  ];
  const spec = {
    image: "load@sha256:0",
    sdkInfo: { language: "PYTHON" },
    metadata: { name: "load", parameters },
  };
  await cloud.files.write(SPEC, JSON.stringify(spec));
}, 600_000);
afterEach(async () => {
  await cloud.dataflow.close();
  cloud.faults.clear();
});
afterAll(async () => {
  await Promise.all([templates.close(), jobs.close(), messages.close()]);
  await cloud.close();
});

async function launch(
  jobName: string,
  parameters: Record<string, string> = { shop: "demo" },
  spec = SPEC,
): Promise<string> {
  const environment = { additionalUserLabels: { shop: "demo" } };
  const launchParameter = { jobName, containerSpecGcsPath: spec, parameters, environment };
  const [answer] = await templates.launchFlexTemplate({ ...place, launchParameter });
  return answer.job!.id!;
}

const hold = () => cloud.faults.add({ call: "Dataflow.job.run", hold: true, times: Infinity });
const stateOf = async (jobId: string) => (await jobs.getJob({ ...place, jobId }))[0].currentState;

test("A job runs under its name, which nobody else can have until it has ended", async () => {
  hold();
  const jobId = await launch("load-demo-1");
  expect(await stateOf(jobId)).toBe("JOB_STATE_RUNNING");
  await expect(launch("load-demo-1")).rejects.toMatchObject({ code: 6 });
  await jobs.updateJob({ ...place, jobId, job: { requestedState: "JOB_STATE_CANCELLED" } });
  await cloud.dataflow.idle();
  expect(await stateOf(jobId)).toBe("JOB_STATE_CANCELLED");
  expect(await launch("load-demo-1")).not.toBe(jobId);
});

test("Jobs are listed in pages, active and ended ones", async () => {
  hold();
  const names = ["load-a", "load-b", "load-c"];
  for (const name of names) await launch(name);
  const found: string[] = [];
  for await (const job of jobs.listJobsAsync(
    { ...place, filter: "ACTIVE", pageSize: 2 },
    { autoPaginate: false },
  ))
    found.push(job.name!);
  expect(found.sort()).toEqual(names);
});

test("A job can be made to fail, and its messages say why", async () => {
  const message = "Workflow failed. Causes: The worker lost contact with the service.";
  cloud.faults.add({ call: "Dataflow.job.run", error: { code: "INTERNAL", message } });
  const jobId = await launch("load-fails");
  await cloud.dataflow.idle();
  expect(await stateOf(jobId)).toBe("JOB_STATE_FAILED");
  const [found] = await messages.listJobMessages({ ...place, jobId });
  expect(found).toMatchObject([{ messageText: message, messageImportance: "JOB_MESSAGE_ERROR" }]);
});

test.each([
  [
    "a parameter that the template does not know",
    { shop: "demo", sohp: "demo" },
    "sohp: Unrecognized parameter",
  ],
  ["a parameter missing", {}, "shop: Missing required parameter"],
  ["a value that does not match", { shop: "DEMO!" }, "shop: Unmatched regex"],
])("A launch with %s is refused", async (_, parameters, message) => {
  await expect(launch("load-refused", parameters as never)).rejects.toMatchObject({
    code: 3,
    message: expect.stringContaining(message),
  });
  expect(cloud.dataflow.jobs().map(({ name }) => name)).not.toContain("load-refused");
});

test("A launch without its container spec, or with a name in capitals, is refused", async () => {
  await expect(launch("load-no-spec", { shop: "demo" }, "gs://shop/none.json")).rejects.toMatchObject({
    code: 3,
  });
  await expect(launch("Load")).rejects.toMatchObject({ code: 3 });
});

test("A job that is not there is not found", async () => {
  await expect(jobs.getJob({ ...place, jobId: "none" })).rejects.toMatchObject({ code: 5 });
});
