import { CloudSchedulerClient } from "@google-cloud/scheduler";
import { afterAll, beforeAll, expect, test } from "vitest";
import { grpcClient } from "../clients.ts";
import { startCloud, type Cloud } from "../cloud.ts";
import { json, serveHttp, type HttpRequest, type HttpServer } from "../platform/http.ts";

const EMAIL = "scheduler@steamer-local.iam.gserviceaccount.com";

let cloud: Cloud;
let client: CloudSchedulerClient;
let worker: HttpServer;
let front: { url: string };
let arrived: (request: HttpRequest) => void;
beforeAll(async () => {
  cloud = await startCloud({ services: ["scheduler"] });
  client = new CloudSchedulerClient(grpcClient(cloud.project, cloud.schedulerEndpoint));
  worker = await serveHttp((request) => {
    arrived(request);
    return Promise.resolve(json(200, {}));
  });
  front = await cloud.platform({ target: worker.url, invokers: [EMAIL] });
}, 600_000);
afterAll(async () => {
  await client.close();
  await cloud.close();
  await worker.close();
});

test("A job that is made, changed and run calls its address with a token and the time it was meant for", async () => {
  const parent = `projects/${cloud.project}/locations/${cloud.region}`;
  const name = `${parent}/jobs/start-run`;
  const oidcToken = { serviceAccountEmail: EMAIL, audience: front.url };
  const httpTarget = {
    uri: `${front.url}/start-run`,
    httpMethod: "POST" as const,
    body: Buffer.from("{}").toString("base64"),
    oidcToken,
  };
  await client.createJob({ parent, job: { name, schedule: "0 3 * * *", timeZone: "Etc/UTC", httpTarget } });
  await expect(client.createJob({ parent, job: { name, httpTarget } })).rejects.toMatchObject({ code: 6 });
  await client.updateJob({ job: { name, schedule: "15 * * * *" }, updateMask: { paths: ["schedule"] } });
  expect((await client.getJob({ name }))[0]).toMatchObject({ schedule: "15 * * * *", timeZone: "Etc/UTC" });
  const arrival = new Promise<HttpRequest>((done) => (arrived = done));
  await client.runJob({ name });
  const { headers, url } = await arrival;
  expect(url.pathname).toBe("/start-run");
  expect(headers["x-cloudscheduler-jobname"]).toBe("start-run");
  expect(Date.parse(String(headers["x-cloudscheduler-scheduletime"]))).not.toBeNaN();
});

test("A job that is not there cannot be run", async () => {
  const name = `projects/${cloud.project}/locations/${cloud.region}/jobs/nothing`;
  await expect(client.runJob({ name })).rejects.toMatchObject({ code: 5 });
});
