import { Agent, get as httpGet } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { Settings } from "../../contracts/settings/settings.ts";
import { serve, type Server } from "../../recommender/server.ts";
import { memoryObjects, settingsWith, smallSnapshot } from "../night/shop.ts";
import { publishSnapshot } from "../published.ts";
import { temporaryFolder } from "../temporary.ts";
import { startRecommender } from "./process.ts";
import { answersOf, exchange, get } from "./raw.ts";
import { publishHostileShop } from "./shop.ts";

const HEAD = "POST /make_recommendation HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n";

const servers: Server[] = [];
afterEach(async () => void (await Promise.all(servers.splice(0).map((server) => server.close()))));
const started = async (change: Partial<Settings> = {}) => {
  const objects = memoryObjects();
  await publishSnapshot(objects, "2026-11-20.1", smallSnapshot(200));
  const settings = settingsWith({ access: "iam", port: 0, data: temporaryFolder(), ...change });
  const server = await serve({ settings, objects, timeouts: { headMs: 300, requestMs: 600 } });
  servers.push(server);
  return { server, port: Number(new URL(server.url).port) };
};

describe("a client that does not get on", () => {
  it.each([
    ["says nothing", "", false],
    ["stops in the first line", "GET /li", false],
    ["stops in the head", "GET /livez HTTP/1.1\r\nhost: a\r\nx: ", false],
    ["stops in the body", `${HEAD}content-length: 9\r\n\r\n{`, false],
    ["stops between chunks", `${HEAD}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`, false],
    ["sends a head byte by byte", "GET /livez HTTP/1.1\r\nhost: a\r\n", true],
    ["sends a body byte by byte", `${HEAD}content-length: 99999\r\n\r\n{`, true],
    ["sends chunks without end", `${HEAD}transfer-encoding: chunked\r\n\r\n`, true],
  ])("is cut: it %s", async (what, bytes, goesOn) => {
    const { server, port } = await started();
    const socket = connect(port, "127.0.0.1");
    socket.write(bytes);
    const more = what.includes("chunks") ? "1\r\n \r\n" : what.includes("head") ? "x: y\r\n" : " ";
    const dripping = goesOn && setInterval(() => socket.write(more), 50);
    const { answers, isClosed } = await answersOf(socket, 10_000);
    if (dripping) clearInterval(dripping);
    expect(isClosed).toBe(true);
    expect(answers.map(({ status }) => status)).toEqual([408]);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });

  it("is cut when it asks on and on and reads nothing, and does not fill the memory meanwhile", async () => {
    const { server, port } = await started({ maxConnections: 20 });
    const socket = connect(port, "127.0.0.1");
    socket.pause();
    const closed = new Promise<void>((done) => socket.once("close", () => done()));
    socket.on("error", () => {});
    const ask = "GET /make_recommendation?n=100 HTTP/1.1\r\nhost: a\r\n\r\n";
    const flood = ask.repeat(20_000);
    const before = process.memoryUsage.rss();
    socket.write(flood);
    const connections = () =>
      new Promise<number>((done) => server.app.server.getConnections((_, count) => done(count)));
    await expect.poll(connections, { timeout: 2000 }).toBe(1);
    await expect.poll(connections, { timeout: 10_000, interval: 100 }).toBe(0);
    // 20,000 answers of 8 kB would be 160 MB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
    socket.resume();
    await closed;
    expect((await fetch(`${server.url}/make_recommendation`)).status).toBe(200);
  });

  it("and sends many requests at once has the first answered, and is told to try the others again", async () => {
    const { port } = await started();
    const ask = get("/make_recommendation").replace("connection: close\r\n", "");
    const { answers } = await exchange(port, ask.repeat(50) + get("/livez"));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(200));
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(answers.find(({ status }) => status === 503)!.body).toContain("on one connection");
  });

  it("finds no place beyond the limit of connections, and finds one again", async () => {
    const { server, port } = await started({ maxConnections: 3 });
    const held = await holding(port, 3, `${HEAD}content-length: 9\r\n\r\n{`);
    expect((await exchange(port, get("/livez"))).answers).toEqual([]);
    held.forEach((socket) => socket.destroy());
    await expect.poll(async () => (await exchange(port, get("/livez"))).answers.length).toBe(1);
    await server.close();
    servers.splice(0);
  });
});

describe("who holds connections", () => {
  it("makes room for others when it has been idle for longest, also within a head", async () => {
    const { server, port } = await started({ maxConnections: 3 });
    const [first, second, third] = await holding(port, 3, "GET /livez HTTP/1.1\r\nhost: a\r\n");
    third.write("\r\n");
    const gone = new Promise((done) => first.once("close", done));
    expect((await exchange(port, get("/livez"))).answers).toHaveLength(1);
    await gone;
    expect([second, third].map(({ destroyed }) => destroyed)).toEqual([false, false]);
    await server.close();
  });

  it("has no more than its share of them", async () => {
    const { server, port } = await started({ maxConnectionsPerAddress: 2 });
    const held = await holding(port, 2, "");
    expect((await exchange(port, get("/livez"))).answers).toEqual([]);
    const other = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.2" });
    other.write(get("/livez"));
    expect((await answersOf(other, 5000)).answers).toHaveLength(1);
    held[0].destroy();
    await expect.poll(async () => (await exchange(port, get("/livez"))).answers.length).toBe(1);
    await server.close();
  });
});

/** Opens connections that have sent these bytes. */
async function holding(port: number, count: number, bytes: string) {
  const held = Array.from({ length: count }, () => connect(port, "127.0.0.1"));
  for (const socket of held) {
    socket.on("error", () => {});
    await new Promise((done) => socket.once("connect", done));
    socket.write(bytes);
  }
  await sleep(50);
  return held;
}

describe("more work than it takes on", () => {
  it("is sent away with 503 and Retry-After, while what is under way is answered, and health too", async () => {
    const stored = memoryObjects();
    await publishSnapshot(stored, "2026-11-20.1", smallSnapshot(200));
    // What the operator's page shows of the nights is work that waits for storage, which is slow.
    let answers = () => {};
    const slow = new Promise<void>((done) => (answers = done));
    const objects = { ...stored, list: async (prefix: string) => slow.then(() => stored.list(prefix)) };
    const settings = settingsWith({
      port: 0,
      data: temporaryFolder(),
      page: true,
      maxConcurrent: 5,
      origins: ["https://shop.example"],
    });
    const server = await serve({ settings, objects });
    const ask = (path = "/make_recommendation") =>
      fetch(`${server.url}${path}`, { headers: { origin: "https://shop.example" } });
    // Strangers who do not send their bodies to the end are no work: they keep nobody out.
    const strangers = Array.from({ length: 20 }, () => {
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1").on("error", () => {});
      socket.write(
        `POST /events HTTP/1.1\r\n${HEAD.split("\r\n").slice(1).join("\r\n")}content-length: 2\r\n\r\n{`,
      );
      return socket;
    });
    const connections = () =>
      new Promise<number>((done) => server.app.server.getConnections((_, count) => done(count)));
    await expect.poll(connections).toBe(strangers.length);
    await sleep(100);
    expect((await ask()).status).toBe(200);
    const atWork = Array.from({ length: 5 }, () => ask("/page/nights"));
    await expect.poll(async () => (await ask()).status).toBe(503);
    const refused = await Promise.all(Array.from({ length: 40 }, () => ask()));
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    // A page's script may read that it is to come again.
    expect(Object.fromEntries(refused[0].headers)).toMatchObject({
      "retry-after": "1",
      "access-control-allow-origin": "https://shop.example",
      "content-type": expect.stringContaining("application/problem+json"),
      "x-content-type-options": "nosniff",
    });
    for (const path of ["/livez", "/readyz"]) expect((await ask(path)).status).toBe(200);
    answers();
    for (const answer of await Promise.all(atWork)) expect(answer.status).toBe(200);
    await expect.poll(async () => (await ask()).status).toBe(200);
    for (const socket of strangers) socket.destroy();
    await server.close();
  });
});

describe("SIGTERM", () => {
  it("ends a recommender under load within Cloud Run's ten seconds, without a failed request", async () => {
    const folder = temporaryFolder();
    await publishHostileShop(folder);
    const running = await startRecommender(folder, { STEAMER_OPS_PORT: "0" });
    const customers = Array.from({ length: 8 }, (_, k) => customer(running.port, k));
    await sleep(1000);
    const before = customers.map(({ seen }) => seen.answered);
    // Neither of these ever ends by itself.
    const stuck = connect(running.port, "127.0.0.1");
    stuck.on("error", () => {}).write(`${HEAD}content-length: 9\r\n\r\n{`);
    const silent = connect(opsPort(running.log()), "127.0.0.1").on("error", () => {});
    silent.write("GET /metr");
    running.kill("SIGTERM");
    const patience = setTimeout(() => running.kill("SIGKILL"), 10_000);
    await expect
      .poll(async () => (await fetch(`${running.url}/livez`)).headers.get("connection"))
      .toBe("close");
    const seen = await Promise.all(customers.map(({ ended }) => ended));
    const code = await running.ended;
    clearTimeout(patience);
    expect(code).toBe(0);
    seen.forEach(({ answered, failed }, k) => {
      expect(failed).toEqual([]);
      expect(answered).toBeGreaterThan(before[k]);
    });
    stuck.destroy();
    silent.destroy();
  });
});

const opsPort = (log: string) =>
  Number([...log.matchAll(/listening at http:\/\/127\.0\.0\.1:(\d+)/g)].at(-1)![1]);

/**
 * Asks over a connection of its own that it keeps, until it is told that this one closes: then it
 * goes elsewhere.
 */
function customer(port: number, k: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const seen = { answered: 0, failed: [] as string[] };
  const ask = () =>
    new Promise<boolean>((done) => {
      const path = `/make_recommendation?browsed=tent&n=${(k % 5) + 1}`;
      const fail = ({ message }: Error) => {
        seen.failed.push(message);
        done(true);
      };
      const request = httpGet({ port, path, agent, host: "127.0.0.1" }, (response) => {
        if (response.statusCode !== 200) seen.failed.push(`${response.statusCode}`);
        seen.answered++;
        const isTold = response.headers.connection === "close";
        response
          .once("error", fail)
          .once("end", () => done(isTold))
          .resume();
      });
      request.once("error", fail);
    });
  const asking = async () => {
    while (!(await ask()));
    agent.destroy();
    return seen;
  };
  return { seen, ended: asking() };
}
