import { CloudTasksClient } from "@google-cloud/tasks";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { grpcClient } from "../clients.ts";
import { startCloud, type Cloud } from "../cloud.ts";
import { json, serveHttp, type HttpRequest, type HttpServer } from "../platform/http.ts";

const EMAIL = "tasks@steamer-local.iam.gserviceaccount.com";

let cloud: Cloud;
let client: CloudTasksClient;
let worker: HttpServer;
let front: { url: string };
let queue: string;
let seen: HttpRequest[];
let statuses: number[];
beforeAll(async () => {
  cloud = await startCloud({ services: ["tasks"], speed: 1000 });
  client = new CloudTasksClient(grpcClient(cloud.project, cloud.endpoints.tasks));
  worker = await serveHttp((request) => {
    seen.push(request);
    return Promise.resolve(json(statuses.shift() ?? 200, {}));
  });
  front = await cloud.platform({ target: worker.url, invokers: [EMAIL] });
}, 600_000);
beforeEach(() => {
  [seen, statuses] = [[], []];
  queue = cloud.tasks.addQueue(`queue-${Math.random().toString(36).slice(2)}`);
});
afterEach(() => {
  cloud.faults.clear();
  cloud.tasks.drop();
  cloud.tasks.resume();
});
afterAll(async () => {
  await client.close();
  await cloud.close();
  await worker.close();
});

function create(options: { name?: string; afterSeconds?: number; audience?: string } = {}) {
  const { name, afterSeconds, audience = front.url } = options;
  const seconds = Date.now() / 1000 + (afterSeconds ?? 0);
  const scheduleTime = { seconds: Math.floor(seconds), nanos: Math.round((seconds % 1) * 1e9) };
  const httpRequest = {
    url: `${front.url}/load`,
    httpMethod: "POST" as const,
    headers: { "content-type": "application/json" },
    body: Buffer.from('{"shop":"demo"}').toString("base64"),
    oidcToken: { serviceAccountEmail: EMAIL, audience },
  };
  const task = {
    httpRequest,
    ...(name && { name: `${queue}/tasks/${name}` }),
    ...(afterSeconds && { scheduleTime }),
  };
  return client.createTask({ parent: queue, task }).then(([task]) => task.name!);
}

test("A task arrives as an HTTP request with a token, its body and its name", async () => {
  await create({ name: "one" });
  await cloud.tasks.idle();
  expect(seen).toHaveLength(1);
  expect(JSON.parse(seen[0]!.body.toString())).toEqual({ shop: "demo" });
  expect(seen[0]!.headers).toMatchObject({
    "x-cloudtasks-taskname": "one",
    "x-cloudtasks-taskretrycount": "0",
  });
  expect(seen[0]!.headers.authorization).toMatch(/SIGNATURE_REMOVED_BY_GOOGLE$/);
});

test("A name works once, also when its task is long done; after an hour it is free again", async () => {
  await create({ name: "look-1" });
  await expect(create({ name: "look-1" })).rejects.toMatchObject({ code: 6 });
  await cloud.tasks.idle();
  await expect(create({ name: "look-1" })).rejects.toMatchObject({ code: 6 });
  cloud.advance(3601);
  await create({ name: "look-1" });
  await cloud.tasks.idle();
  expect(seen).toHaveLength(2);
});

test("A task that fails comes again, and says how often it has failed", async () => {
  statuses = [500, 503];
  await create();
  await cloud.tasks.idle();
  expect(seen.map(({ headers }) => headers["x-cloudtasks-taskretrycount"])).toEqual(["0", "1", "2"]);
});

test("A queue's retry settings end a task that always fails", async () => {
  queue = cloud.tasks.addQueue("impatient", { retryConfig: { maxAttempts: 2 } });
  statuses = [500, 500, 500];
  await create();
  await cloud.tasks.idle();
  expect(seen).toHaveLength(2);
});

test("A task waits until it is due", async () => {
  await create({ afterSeconds: 3000 });
  expect(cloud.tasks.list()).toMatchObject([{ attempts: 0, body: { shop: "demo" } }]);
  expect(seen).toHaveLength(0);
  cloud.advance(3000);
  await cloud.tasks.idle();
  expect(seen).toHaveLength(1);
});

test("A token for another audience does not get through, and the task is tried again", async () => {
  queue = cloud.tasks.addQueue("stubborn", { retryConfig: { maxAttempts: 3 } });
  await create({ audience: "https://example.com" });
  await cloud.tasks.idle();
  expect(cloud.tasks.deliveries.slice(-3).map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(seen).toHaveLength(0);
});

test("Tests can step through a queue, deliver twice, and lose a task", async () => {
  cloud.tasks.pause();
  const first = await create();
  const second = await create();
  await cloud.tasks.deliver(first);
  await cloud.tasks.duplicate(first);
  expect(seen).toHaveLength(2);
  cloud.tasks.drop(second);
  expect(cloud.tasks.list()).toEqual([]);
});

test("A delivery whose answer is lost comes again", async () => {
  cloud.faults.add({ call: "Tasks.deliver", lost: true });
  await create();
  await cloud.tasks.idle();
  expect(seen).toHaveLength(2);
});

test("A task that was deleted does not come; what is not there cannot be deleted", async () => {
  const name = await create({ afterSeconds: 3000 });
  expect((await client.listTasks({ parent: queue }))[0].map((task) => task.name)).toEqual([name]);
  await client.deleteTask({ name });
  await expect(client.deleteTask({ name })).rejects.toMatchObject({ code: 5 });
  await cloud.tasks.idle();
  expect(seen).toEqual([]);
});

test("A queue must be there", async () => {
  await expect(client.getQueue({ name: `${queue}-not` })).rejects.toMatchObject({ code: 5 });
  const parent = queue.slice(0, queue.indexOf("/queues/"));
  await client.createQueue({ parent, queue: { name: `${parent}/queues/made` } });
  expect((await client.getQueue({ name: `${parent}/queues/made` }))[0]).toMatchObject({ state: "RUNNING" });
});

test("A call can fail before it does anything, or lose its answer after it", async () => {
  cloud.tasks.pause();
  cloud.faults.add({ call: "Tasks.CreateTask", error: { code: "PERMISSION_DENIED" } });
  await expect(create({ name: "denied" })).rejects.toMatchObject({ code: 7 });
  expect(cloud.tasks.list()).toEqual([]);
  cloud.faults.add({ call: "Tasks.CreateTask", lost: true });
  await expect(create({ name: "lost" })).rejects.toMatchObject({ code: 14 });
  expect(cloud.tasks.list()).toHaveLength(1);
});
