import { describe, expect, it } from "vitest";
import { takeLook } from "../../../night/run/chain.ts";
import { backfill, cancel, rerun } from "../../../night/run/operate.ts";
import type { Look, Queue } from "../../../night/run/queue.ts";
import { listRuns } from "../../../night/run/run.ts";
import type { StageState } from "../../../night/run/stage.ts";
import { startRun } from "../../../night/run/start-run.ts";
import { Problem } from "../../../contracts/problem.ts";
import { done, scriptedNight, scriptedStage, settingsWith } from "../shop.ts";

const running: StageState = { state: "running", progress: 0.5 };
const broken: StageState = { state: "failed", reason: "out of luck", retry: false };
const flaky: StageState = { state: "failed", reason: "a hiccup", retry: true };

/** A queue that a test empties by hand; like the real one it takes the same look once. */
function handQueue(): Queue & { waiting: Look[]; seen: Look[] } {
  const queue = {
    waiting: [] as Look[],
    seen: [] as Look[],
    async enqueue(look: Look) {
      if (queue.seen.some((other) => JSON.stringify(other) === JSON.stringify(look))) return;
      queue.seen.push(look);
      queue.waiting.push(look);
    },
  };
  return queue;
}

const FOLDER = "shops/toys/interactions/day=2026-11-21/export=2026-11-21.1-1/";
/** An export whose files the shop of `shop()` has. */
const exported: StageState = {
  state: "done",
  metrics: {
    days: [{ day: "2026-11-21", interactions: FOLDER, items: FOLDER }],
    inputs: [],
    rows: 1,
    interactions: 1,
    rejectsFile: null,
  },
};

const yesterday = async (_: string, last: string) => [last];
const never = async () => [];

/** A shop whose night has begun; `deliver` takes what waits in the queue. */
function shop(stages: Parameters<typeof scriptedNight>[0] = {}, change = {}) {
  const night = Object.assign(scriptedNight(stages, settingsWith({ leaseSeconds: 900, ...change })), {
    writesEveryLook: true,
  });
  const queue = handQueue();
  const deliver = async () => {
    for (let look = queue.waiting.shift(); look; look = queue.waiting.shift())
      await takeLook(night, queue, look);
  };
  const latest = async () => (await listRuns(night.objects, "toys")).at(-1)!.value;
  const start = (days = yesterday) => startRun(night, queue, days, {});
  return { night, queue, deliver, latest, start };
}

describe("a chain of looks", () => {
  it("goes through a whole night, one look after the other", async () => {
    const { start, deliver, latest, queue } = shop({
      similarity: scriptedStage("similarity", [running, running, done]),
    });
    expect(await start()).toMatchObject({ outcome: "started", run: "2026-11-21.1" });
    await deliver();
    expect((await latest()).state).toBe("done");
    expect(queue.seen.map(({ stage }) => stage)).toEqual(expect.arrayContaining(["export", "publish"]));
  });

  it("moves on once when a look is delivered twice at once, and a start has the effect of one", async () => {
    const exporting = scriptedStage("export", [running]);
    const { night, queue, start, latest } = shop({ export: exporting });
    await start();
    const look = queue.waiting.shift()!;
    await Promise.all([takeLook(night, queue, look), takeLook(night, queue, look)]);
    expect((await latest()).stages.export).toMatchObject({ state: "running", attempt: 1 });
    expect(exporting.started).toEqual([1]);
    expect(queue.waiting.length).toBeGreaterThan(0);
  });

  it("does nothing for a look that comes late, but sees to it that a next one is on its way", async () => {
    const { night, queue, start, deliver, latest } = shop({
      export: scriptedStage("export", [running, done]),
    });
    await start();
    const first = queue.waiting.shift()!;
    await takeLook(night, queue, first);
    // The function died after the swap and before it asked for the next look: the queue delivers
    // the first again.
    queue.waiting.length = queue.seen.length = 0;
    expect(await takeLook(night, queue, first)).toEqual({ outcome: "late" });
    await deliver();
    expect((await latest()).state).toBe("done");
    expect(await takeLook(night, queue, first)).toEqual({ outcome: "ended" });
  });

  it("starts an attempt again whose starter died before it could write down what it had started", async () => {
    const exporting = scriptedStage("export", [done]);
    const { night, queue, start, deliver, latest } = shop({ export: exporting });
    const once = exporting.start;
    let deaths = 1;
    exporting.start = async (context) => {
      const operation = await once(context);
      if (deaths-- > 0) throw new Error("killed");
      return operation;
    };
    await start();
    const look = queue.waiting[0];
    await expect(takeLook(night, queue, look)).rejects.toThrow("killed");
    await deliver();
    expect(exporting.started).toEqual([1, 1]);
    expect((await latest()).state).toBe("done");
  });

  it("hands what may pass to the queue, which delivers the look again", async () => {
    const exporting = scriptedStage("export", [done]);
    const { night, queue, start, deliver, latest } = shop({ export: exporting });
    const poll = exporting.poll;
    let hiccups = 1;
    exporting.poll = async (...looked) => {
      if (hiccups-- > 0) throw new Error("14 UNAVAILABLE");
      return poll(...looked);
    };
    await start();
    await takeLook(night, queue, queue.waiting.shift()!);
    await expect(takeLook(night, queue, queue.waiting[0])).rejects.toThrow("UNAVAILABLE");
    await deliver();
    expect((await latest()).state).toBe("done");
  });

  it("ends, when it is cancelled or overdue, though its start always throws; and says that nobody knows", async () => {
    const lost = scriptedStage("export", [done]);
    lost.start = async () => {
      throw new Error("14 UNAVAILABLE");
    };
    for (const ending of ["cancel", "limit"] as const) {
      const { night, queue, start, latest } = shop({ export: lost });
      await start();
      await expect(takeLook(night, queue, queue.waiting[0])).rejects.toThrow("UNAVAILABLE");
      queue.waiting.length = 0;
      if (ending === "cancel") await cancel(night, queue, { reason: "enough" });
      night.clock = new Date(night.clock.getTime() + (ending === "limit" ? 41 : 1) * 3600_000);
      if (ending === "limit") await start();
      await takeLook(night, queue, queue.waiting.at(-1)!);
      const ended = await latest();
      expect(ended.state).toBe("failed");
      expect(ended.warnings.join()).toContain("whether its work was ever started is not known");
    }
  });

  it("asks for the next look even if it lost the race: the winner may have died", async () => {
    const { night, queue, start } = shop({ export: scriptedStage("export", [running]) });
    await start();
    const look = queue.waiting.shift()!;
    queue.seen.length = 0;
    const swap = night.objects.put;
    let winner = 1;
    night.objects.put = async (path, data, condition) => {
      if (winner-- > 0) await swap(path, data);
      return swap(path, data, condition);
    };
    expect(await takeLook(night, queue, look)).toEqual({ outcome: "lost" });
    expect(queue.waiting).toHaveLength(1);
  });

  it("ends the night for a Problem, with its reason", async () => {
    const refusing = scriptedStage("export", [done]);
    refusing.start = async () => {
      throw new Problem({ doing: "Exporting", why: "too dear", next: "raise the limit" });
    };
    const { start, deliver, latest } = shop({ export: refusing });
    await start();
    await deliver();
    expect((await latest()).stages.export).toMatchObject({
      state: "failed",
      reason: expect.stringContaining("too dear"),
    });
  });

  it("cancels a stage that runs past its limit, and the night fails", async () => {
    const similarity = scriptedStage("similarity", [running]);
    const { night, queue, start, latest } = shop({ similarity }, { stageLimitMinutes: 60 });
    await start();
    for (let looks = 0; looks < 8; looks++) await takeLook(night, queue, queue.waiting.shift()!);
    night.clock = new Date(night.clock.getTime() + 61 * 60_000);
    await takeLook(night, queue, queue.waiting.shift()!);
    expect(similarity.cancelled).toBe(1);
    expect((await latest()).stages.similarity.reason).toContain("still running after 60 minutes");
    expect(queue.waiting).toEqual([]);
  });
});

describe("start-run", () => {
  it("called again and again starts one run, and says what that one does", async () => {
    const { start, deliver } = shop({ export: scriptedStage("export", [running, done]) });
    await start();
    expect(await start()).toMatchObject({ outcome: "running", run: "2026-11-21.1" });
    await deliver();
    expect(await start()).toMatchObject({ outcome: "done", run: "2026-11-21.1", alarming: false });
  });

  it("revives a chain that has died, under a new look that no tombstone swallows", async () => {
    const { night, queue, start, deliver, latest } = shop({
      export: scriptedStage("export", [running, done]),
    });
    await start();
    await takeLook(night, queue, queue.waiting.shift()!);
    queue.waiting.length = 0;
    expect((await start()).outcome).toBe("running");
    night.clock = new Date(night.clock.getTime() + 901_000);
    expect((await start()).outcome).toBe("revived");
    await deliver();
    expect(await latest()).toMatchObject({ state: "done", warnings: [expect.stringContaining("revived")] });
  });

  it("waits for yesterday's table, takes the latest until it comes, and alarms nobody", async () => {
    const { night, start, deliver, latest } = shop();
    const two = async () => ["2026-11-18", "2026-11-19"];
    expect(await start(two)).toMatchObject({ outcome: "waiting", alarming: false });
    night.clock = new Date("2026-11-22T18:00:00Z");
    expect(await start(two)).toMatchObject({ outcome: "started", run: "2026-11-19.1" });
    await deliver();
    expect((await latest()).warnings.join()).toContain("The table of 2026-11-21 was not there by 18:00");
    expect(await start(two)).toMatchObject({ outcome: "waiting", run: "2026-11-19.1", alarming: false });
    expect((await start(two)).message).toContain("2026-11-21 has not come");

    const one = async () => ["2026-11-18"];
    expect(await start(one)).toMatchObject({ outcome: "waiting", run: "2026-11-19.1" });
    expect(await start()).toMatchObject({ outcome: "started", run: "2026-11-21.1" });
    await deliver();
    expect(await start(never)).toMatchObject({ outcome: "done", run: "2026-11-21.1" });
  });

  it("uses a table that comes in the afternoon on the same day", async () => {
    const { night, start } = shop();
    night.clock = new Date("2026-11-22T15:05:00Z");
    expect(await start(never)).toMatchObject({ outcome: "waiting", alarming: false });
    night.clock = new Date("2026-11-22T16:05:00Z");
    expect(await start()).toMatchObject({ outcome: "started", run: "2026-11-21.1" });
  });

  it("gives up loudly when there is no table at all", async () => {
    const { night, start } = shop();
    night.clock = new Date("2026-11-22T19:00:00Z");
    expect(await start(never)).toMatchObject({ outcome: "gave up", alarming: true });
  });

  it("knows the shop's own day", async () => {
    const { night, start } = shop({}, { timeZone: "America/Los_Angeles" });
    night.clock = new Date("2026-11-22T07:30:00Z");
    expect(await start()).toMatchObject({ run: "2026-11-20.1" });
  });

  it("tries again what may pass, and leaves to the operator what may not", async () => {
    const hiccups = shop({ similarity: scriptedStage("similarity", [flaky, flaky, flaky, done]) });
    await hiccups.start();
    await hiccups.deliver();
    expect((await hiccups.latest()).state).toBe("failed");
    await hiccups.night.objects.put("shops/toys/interactions/none", "");
    expect((await hiccups.start()).outcome).toMatch(/resumed|started/);
    await hiccups.deliver();
    expect((await hiccups.latest()).state).toBe("done");

    const { start, deliver, queue } = shop({ similarity: scriptedStage("similarity", [broken]) });
    await start();
    await deliver();
    expect(await start()).toMatchObject({
      outcome: "failed",
      message: expect.stringContaining("waits for you"),
      alarming: false,
    });
    expect(queue.waiting).toEqual([]);
  });
});

describe("an operator", () => {
  it("cancels a run: what is running is told, and the manifest says why", async () => {
    const similarity = scriptedStage("similarity", [running]);
    const { night, queue, start, deliver, latest } = shop({ similarity });
    await start();
    for (let looks = 0; looks < 5; looks++) await takeLook(night, queue, queue.waiting.shift()!);
    await cancel(night, queue, { reason: "wrong events" });
    await deliver();
    expect(similarity.cancelled).toBe(1);
    expect((await latest()).stages.similarity).toMatchObject({ state: "failed", reason: "wrong events" });
    await expect(cancel(night, queue, { reason: "again" })).rejects.toThrow("it is failed already");
  });

  it("is told in the manifest what could not be cancelled", async () => {
    const similarity = scriptedStage("similarity", [running]);
    similarity.cancel = async () => {
      throw new Problem({
        doing: "Cancelling",
        why: "the cluster does not answer",
        next: "delete it by hand",
      });
    };
    const { night, queue, start, deliver, latest } = shop({ similarity });
    await start();
    for (let looks = 0; looks < 5; looks++) await takeLook(night, queue, queue.waiting.shift()!);
    await cancel(night, queue, { reason: "wrong events" });
    await deliver();
    expect(await latest()).toMatchObject({
      state: "failed",
      warnings: [expect.stringContaining("delete it by hand")],
    });
  });

  it("runs a failed run again from a stage; earlier stages are kept", async () => {
    const exporting = scriptedStage("export", [exported]);
    const { night, queue, start, deliver, latest } = shop({
      export: exporting,
      load: scriptedStage("load", [broken, done]),
    });
    await night.objects.put(`${FOLDER}part-0.parquet`, "");
    await start();
    await deliver();
    await expect(rerun(night, queue, { from: "publish" })).rejects.toThrow("its load never finished");
    await rerun(night, queue, { from: "similarity" });
    await deliver();
    expect(await latest()).toMatchObject({
      run: "2026-11-21.1",
      state: "done",
      stages: { similarity: { attempt: 2 } },
    });
    expect(exporting.started).toEqual([1]);
  });

  it("does not run an older run again beside one that is running", async () => {
    const { night, queue, start, deliver } = shop({ load: scriptedStage("load", [broken, running]) });
    await start();
    await deliver();
    night.clock = new Date("2026-11-23T01:00:00Z");
    await start();
    await expect(rerun(night, queue, { run: "2026-11-21.1", from: "export" })).rejects.toThrow(
      /run 2026-11-22.1; cancel it first/,
    );
  });

  it("loads a model again under its new name when only its publication is wanted again", async () => {
    const load = scriptedStage("load", [done]);
    const { night, queue, start, deliver, latest } = shop({ load });
    await start();
    await deliver();
    await rerun(night, queue, { from: "publish" });
    await deliver();
    expect(await latest()).toMatchObject({ run: "2026-11-21.2", state: "done" });
    expect(load.started).toEqual([1, 2]);
  });

  it("has to force the gate anew: a force is for one time", async () => {
    const { night, queue, start, deliver, latest } = shop({ publish: scriptedStage("publish", [broken]) });
    await start();
    await deliver();
    await rerun(night, queue, { from: "publish", force: "it is right" });
    await deliver();
    expect((await latest()).force).toBe("it is right");
    await rerun(night, queue, { from: "publish" });
    expect((await latest()).force).toBeUndefined();
  });

  it("runs a run that is done again as a new one, which takes over the stages before", async () => {
    const exporting = scriptedStage("export", [exported]);
    const { night, queue, start, deliver, latest } = shop({ export: exporting });
    await night.objects.put(`${FOLDER}part-0.parquet`, "");
    await start();
    await deliver();
    await rerun(night, queue, { from: "similarity", force: "the gate was wrong" });
    await deliver();
    expect(await latest()).toMatchObject({ run: "2026-11-21.2", state: "done", force: "the gate was wrong" });
    expect(exporting.started).toEqual([1]);

    await night.objects.delete(`${FOLDER}part-0.parquet`);
    await expect(rerun(night, queue, { from: "similarity" })).rejects.toThrow(
      "exports that it has pinned are gone",
    );
  });

  it("exports days again in a new run, and not while a night is running", async () => {
    const { night, queue, start, deliver, latest } = shop({
      export: scriptedStage("export", [running, done]),
    });
    const again = { days: ["2026-11-03"] };
    await expect(backfill(night, queue, again)).rejects.toThrow("there has been no run yet");
    await start();
    await expect(backfill(night, queue, again)).rejects.toThrow("a night is running already");
    await deliver();
    await expect(backfill(night, queue, { days: ["2026-01-05"] })).rejects.toThrow(
      "no model is made of that day",
    );
    await backfill(night, queue, { days: ["2026-11-03"] });
    await deliver();
    expect(await latest()).toMatchObject({ run: "2026-11-21.2", state: "done", reexport: ["2026-11-03"] });
    await backfill(night, queue, { last: 2 });
    expect((await latest()).reexport).toEqual(["2026-11-20", "2026-11-21"]);
  });
});
