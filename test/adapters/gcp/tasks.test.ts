import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { taskQueue } from "../../../adapters/gcp/tasks.ts";
import type { Look } from "../../../night/run/queue.ts";
import { startCloud, type Cloud } from "../../stand-ins/cloud.ts";
import { json, serveHttp, type HttpRequest, type HttpServer } from "../../stand-ins/platform/http.ts";

let cloud: Cloud;
let functions: HttpServer;
let front: { url: string };
let seen: HttpRequest[] = [];
beforeAll(async () => {
  cloud = await startCloud({ services: ["tasks"], queues: ["steamer"], speed: 1000 });
  functions = await serveHttp((request) => {
    seen.push(request);
    return Promise.resolve(json(200, {}));
  });
  const invokers = [`steamer-tasks@${cloud.project}.iam.gserviceaccount.com`];
  front = await cloud.platform({ target: { export: functions.url, load: functions.url }, invokers });
}, 600_000);
afterEach(() => {
  cloud.faults.clear();
  seen = [];
});
afterAll(async () => {
  await cloud.close();
  await functions.close();
});

const queue = () => taskQueue({ ...cloud, functionsUrl: front.url });
const look: Look = { shop: "toys", run: "2026-11-21.1", stage: "export", attempt: 1, look: 3 };

it("A look arrives at the function of its stage, with the token of the tasks' account", async () => {
  await (await queue()).enqueue(look, 0);
  await cloud.tasks.idle();
  expect(seen.map(({ body }) => JSON.parse(body.toString()))).toEqual([look]);
  expect(seen[0].headers["content-type"]).toBe("application/json");
});

it("The same look asked for twice is delivered once; any other is another", async () => {
  const tasks = await queue();
  for (const change of [
    {},
    {},
    { look: 4 },
    { attempt: 2 },
    { run: "2026-11-21.2" },
    { stage: "load" as const },
  ])
    await tasks.enqueue({ ...look, shop: "games", ...change }, 0);
  await cloud.tasks.idle();
  expect(seen).toHaveLength(5);
});

it("A look waits as long as it is told to, and its answer may take half an hour", async () => {
  const asked: { task: { scheduleTime?: { seconds: string }; dispatchDeadline: { seconds: string } } }[] = [];
  cloud.faults.add({ call: "Tasks.CreateTask", when: (request) => asked.push(request) < 0 });
  const now = Date.now() / 1000;
  await (await queue()).enqueue({ ...look, shop: "slow" }, 600);
  await (await queue()).enqueue({ ...look, shop: "fast" }, 0);
  const [slow, fast] = asked.map(({ task }) => task);
  expect(Number(slow.scheduleTime?.seconds) - now).toBeGreaterThanOrEqual(600);
  expect(Number(slow.scheduleTime?.seconds) - now).toBeLessThan(660);
  expect(fast.scheduleTime ?? null).toBeNull();
  expect(Number(slow.dispatchDeadline.seconds)).toBe(1800);
});

it("A queue that is not there is a problem that names it; one that is busy is no problem", async () => {
  const elsewhere = await taskQueue({ ...cloud, region: "europe-west1", functionsUrl: front.url });
  await expect(elsewhere.enqueue(look, 0)).rejects.toThrow(/Next: the queue steamer in europe-west1/);
  const error = { code: "UNAVAILABLE" } as const;
  cloud.faults.add({ call: "Tasks.CreateTask", error, times: 100 });
  await expect((await queue()).enqueue({ ...look, look: 9 }, 0)).rejects.not.toMatchObject({
    name: "Problem",
  });
});
