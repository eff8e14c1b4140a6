import { rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { paths } from "../../../contracts/layout.ts";
import type { Server } from "../../../recommender/server.ts";
import { listOf } from "../../stand-in-personalizer.ts";
import {
  ask,
  closing,
  dataFolder,
  failing,
  metric,
  MODEL,
  popularInTime,
  recommender,
  soon,
  standIn,
} from "./service.ts";

const OWN = ["toys-0011", "toys-0012"];
/** An answer that never comes. */
function hang(): Promise<object> {
  return new Promise(() => {});
}
const QUICK = {
  "personal.callMs": 150,
  "personal.retries": 0,
  "personal.cacheMs": 50,
  "personal.waitMs": 50,
};
const outcome = (server: Server, name: string) => metric(server, "tasks_total", `"${name}"`);

/** What a Personalizer does, how, and the status that its calls are counted by. */
const BAD: [string, Parameters<typeof standIn>[0], string][] = [
  ["hangs", hang, "DEADLINE_EXCEEDED"],
  ["has too much to do", () => "RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"],
  ["has no factors of the shop", () => "UNAVAILABLE", "UNAVAILABLE"],
  ["answers bytes that are no message", () => Buffer.from("not protobuf"), "INTERNAL"],
  ["answers a score that is none", () => ({ model: MODEL, results: [{ item: "a", score: NaN }] }), "GARBAGE"],
  ["answers an item without an id", () => ({ model: MODEL, results: [{ score: 1 }] }), "GARBAGE"],
  ["answers an item twice", () => listOf(["a", "a"], MODEL), "GARBAGE"],
  [
    "answers more than it was asked for",
    () =>
      listOf(
        Array.from({ length: 41 }, (_, k) => `${k}`),
        MODEL,
      ),
    "GARBAGE",
  ],
  ["answers for no model", () => listOf(OWN, ""), "GARBAGE"],
];

describe("users get popular items in time", () => {
  it.each(BAD)("when the Personalizer %s", async (_, answer, status) => {
    const { address } = await standIn(answer);
    // An answer counts however late it is; only a call without one should end by its deadline.
    const deadline = status === "DEADLINE_EXCEEDED" ? {} : { "personal.callMs": 20_000 };
    const settings = { ...QUICK, ...deadline, "personal.address": address };
    const server = await recommender(await dataFolder(), settings);
    for (const user of ["u1", "u2"]) await popularInTime(server, user);
    await soon(() => outcome(server, "failed")).toBe(2);
    expect(await metric(server, "calls_total", `"${status}"`)).toBe(2);
  });

  it.each([
    ["closes each connection", (socket: Socket) => socket.destroy()],
    ["says nothing", () => {}],
    [
      "speaks another protocol",
      (socket: Socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"),
    ],
  ])("when what listens there %s", async (_, take) => {
    const other = createServer((socket) => take(socket.on("error", () => {})));
    const sockets = new Set<Socket>();
    other.on("connection", (socket) => sockets.add(socket));
    closing({ close: () => (sockets.forEach((socket) => socket.destroy()), other.close()) });
    const port = await new Promise<number>((done) =>
      other.listen(0, "127.0.0.1", () => done((other.address() as { port: number }).port)),
    );
    const server = await recommender(await dataFolder(), {
      ...QUICK,
      "personal.address": `127.0.0.1:${port}`,
    });
    await popularInTime(server, "u1");
    await soon(() => outcome(server, "failed")).toBe(1);
  });

  it("when too many lists wait: the others' tasks are dropped, and counted", async () => {
    const { address } = await standIn(hang);
    const server = await recommender(await dataFolder(), {
      ...QUICK,
      "personal.address": address,
      "personal.callMs": 60_000,
      "personal.cacheMs": 2_000,
      "personal.waitMs": 0,
      "personal.queued": 2,
    });
    for (const user of ["u1", "u2", "u3", "u4"]) await popularInTime(server, user);
    await soon(() => outcome(server, "dropped")).toBe(2);
    expect(await outcome(server, "accepted")).toBe(2);
    await soon(() => metric(server, "queue_tasks")).toBe(2);
    expect(await metric(server, "queue_age_seconds")).toBeGreaterThan(0);
  });

  it("when the file of lists is damaged; once it has gone, lists are stored again", async () => {
    const data = await dataFolder();
    const file = join(data, paths.personal);
    writeFileSync(file, "this is no database, but longer than a hundred bytes: ".repeat(3));
    const { address } = await standIn(() => listOf(OWN, MODEL));
    const server = await recommender(data, { ...QUICK, "personal.address": address });
    await popularInTime(server, "u1");
    await soon(() => failing(server)).toContain("personal lists");
    await popularInTime(server, "u1");
    expect(await metric(server, "lookups_total", '"failed"')).toBe(2);
    rmSync(file);
    await soon(async () => (await ask(server, "u1")).answer.source).toBe("personal");
    await soon(() => failing(server)).toEqual([]);
  });

  it("when another program has locked the file of lists", async () => {
    const data = await dataFolder();
    const { address } = await standIn(() => listOf(OWN, MODEL));
    const locker = new DatabaseSync(join(data, paths.personal));
    locker.exec(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN EXCLUSIVE; CREATE TABLE t (x)",
    );
    const server = await recommender(data, { ...QUICK, "personal.address": address });
    for (const user of ["u1", "u2", "u3"]) await popularInTime(server, user);
    locker.close();
    await soon(async () => (await ask(server, "u1")).answer.source).toBe("personal");
  });
});

describe("a Personalizer that fails again and again", () => {
  it("is left alone, then tried by one call, and used again when that succeeds", async () => {
    const { address, calls, answer } = await standIn(() => "UNAVAILABLE");
    const change = {
      ...QUICK,
      "personal.address": address,
      // The probe outlasts the requests beside it, also on a busy machine.
      "personal.callMs": 30_000,
      "personal.waitMs": 5_000,
      "personal.breakMs": 300,
    };
    const server = await recommender(await dataFolder(), change);
    for (let k = 0; k < 5; k++) await ask(server, `u${k}`);
    expect(await metric(server, "breaker", '"open"')).toBe(1);
    expect(await failing(server)).toContain("the Personalizer");

    const probe = Promise.withResolvers<object>();
    answer(() => probe.promise);
    await soon(async () => (await ask(server, "early")) && outcome(server, "refused")).toBeGreaterThan(0);
    // The first after the pause is the probe, and waits for it.
    const waiting: Promise<unknown>[] = [];
    await soon(() => {
      waiting.push(ask(server, `probe${waiting.length}`));
      return metric(server, "breaker", '"half-open"');
    }).toBe(1);
    for (let k = 0; k < 10; k++) await popularInTime(server, `other${k}`);
    expect(calls).toHaveLength(5 + 1);
    probe.resolve(listOf(OWN, MODEL));
    await Promise.all(waiting);
    await soon(() => metric(server, "breaker", '"closed"')).toBe(1);
    expect((await ask(server, "other0")).answer.source).toBe("personal");
    expect(await failing(server)).toEqual([]);
  });

  it("is tried again within a call's retries, which are counted", async () => {
    let down = 2;
    const { address, calls } = await standIn(() => (down-- > 0 ? "RESOURCE_EXHAUSTED" : listOf(OWN, MODEL)));
    const change = {
      ...QUICK,
      "personal.address": address,
      "personal.retries": 2,
      "personal.waitMs": 10_000,
    };
    const server = await recommender(await dataFolder(), change);
    expect((await ask(server, "u1")).answer.source).toBe("personal");
    expect(calls).toHaveLength(3);
    expect(await metric(server, "retries_total")).toBe(2);
  });
});

describe("a Personalizer that has another model", () => {
  it("is believed, and its model named, but asked again soon", async () => {
    const { address } = await standIn(() => listOf(OWN, "2026-11-19.1"));
    const data = await dataFolder();
    const server = await recommender(data, {
      ...QUICK,
      "personal.address": address,
      "personal.waitMs": 10_000,
    });
    expect((await ask(server, "u1")).answer).toMatchObject({ source: "personal", model: "2026-11-19.1" });
    const lists = new DatabaseSync(join(data, paths.personal), { readOnly: true });
    const { expires_at: expiresAt } = lists.prepare("SELECT expires_at FROM lists").get()!;
    lists.close();
    expect((expiresAt as number) - Date.now()).toBeLessThanOrEqual(60_000);
  });
});

describe("a trace", () => {
  it("goes on from the request to the Personalizer and into the task's log line, which names no user", async () => {
    const { address, calls } = await standIn(() => listOf(OWN, MODEL));
    const lines: Record<string, unknown>[] = [];
    const stream = new Writable({
      write: (chunk, _, done) => (lines.push(JSON.parse(String(chunk)) as (typeof lines)[number]), done()),
    });
    const change = { ...QUICK, "personal.address": address, "personal.waitMs": 10_000 };
    const server = await recommender(await dataFolder(), change, { log: pino({}, stream) });
    const trace = "0af7651916cd43dd8448eb211c80319c";
    await ask(server, "ann-the-user", "n=3", { traceparent: `00-${trace}-b7ad6b7169203331-01` });
    expect(calls[0].metadata.get("traceparent")).toEqual([
      expect.stringMatching(`^00-${trace}-[\\da-f]{16}-01$`),
    ]);
    expect(lines.find((line) => line["trace"] === trace)).toMatchObject({ outcome: "stored", model: MODEL });
    expect(JSON.stringify(lines)).not.toContain("ann-the-user");
  });
});

describe("tasks", () => {
  it("that were accepted and not finished run after a restart", async () => {
    const { address, calls, answer } = await standIn(hang);
    const data = await dataFolder();
    const change = { "personal.address": address, "personal.callMs": 60_000, "personal.atOnce": 1 };
    const first = await recommender(data, change);
    for (const user of ["u1", "u2"]) await ask(first, user);
    await soon(() => outcome(first, "accepted")).toBe(2);
    await soon(() => calls.length).toBe(1);
    await first.close();
    answer(() => listOf(OWN, MODEL));
    const second = await recommender(data, change);
    await soon(() => outcome(second, "stored")).toBe(2);
    for (const user of ["u1", "u2"]) expect((await ask(second, user)).answer.source).toBe("personal");
  });
});
