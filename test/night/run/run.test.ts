import { describe, expect, it } from "vitest";
import type { ExportMetrics } from "../../../contracts/metrics.ts";
import { openRun, type RunRequest } from "../../../night/run/open-run.ts";
import { GenerationConflict } from "../../../night/state/objects.ts";
import {
  advance,
  cancelRun,
  compareRuns,
  listRuns,
  readRuns,
  type Night,
  type Run,
} from "../../../night/run/run.ts";
import type { StageState } from "../../../night/run/stage.ts";
import { done, memoryObjects, scriptedNight, scriptedStage } from "../shop.ts";
import { objectsSuite } from "../state/objects.suite.ts";

objectsSuite(memoryObjects);

const request = (change: Partial<RunRequest> = {}): RunRequest => ({
  lastDay: "2026-11-21",
  versions: {},
  fingerprint: { cap: 500 },
  isAlive: () => true,
  ...change,
});

async function finish(night: Night, run: Run): Promise<Run> {
  while (await advance(night, run));
  return run;
}

const running: StageState = { state: "running", progress: 0.5 };
const broken: StageState = { state: "failed", reason: "out of luck", retry: false };
const flaky: StageState = { state: "failed", reason: "a hiccup", retry: true };

const exported = (folder: string): StageState => {
  const days = [{ day: "2026-11-21", interactions: folder, items: folder }];
  const counts = { inputs: [], rows: 0, interactions: 0, otherEvents: 0, rejected: {}, rejectsFile: null };
  return { state: "done", metrics: { days, ...counts } satisfies ExportMetrics };
};

describe("a run", () => {
  it("goes through the four stages in order, and says so in its manifest", async () => {
    const night = scriptedNight({ similarity: scriptedStage("similarity", [running, done]) });
    const { document } = await finish(night, await openRun(night, request()));
    expect(document.value).toMatchObject({ run: "2026-11-21.1", state: "done" });
    const states = Object.entries(document.value.stages).map(([name, { state, attempt }]) => [
      name,
      state,
      attempt,
    ]);
    expect(states).toEqual(["export", "similarity", "load", "publish"].map((name) => [name, "done", 1]));
  });

  it("tries a stage again when its failure may pass, three times at most", async () => {
    const lucky = scriptedStage("export", [flaky, flaky, done]);
    const night = scriptedNight({ export: lucky });
    expect((await finish(night, await openRun(night, request()))).document.value.state).toBe("done");
    expect(lucky.started).toEqual([1, 2, 3]);

    const hopeless = scriptedNight({ export: scriptedStage("export", [flaky]) });
    expect((await finish(hopeless, await openRun(hopeless, request()))).document.value.state).toBe("failed");
  });

  it("is not cut off where the clock on the wall is set meanwhile", async () => {
    const night = scriptedNight({ similarity: scriptedStage("similarity", [running, done]) });
    const run = await openRun(night, request());
    while ((await advance(night, run))?.stage !== "similarity");
    night.clock = new Date(night.clock.getTime() + 86_400_000);
    expect((await finish(night, run)).document.value.state).toBe("done");
  });

  it("fails with the stage's reason, and later stages do not start", async () => {
    const load = scriptedStage("load", [done]);
    const night = scriptedNight({ similarity: scriptedStage("similarity", [broken]), load });
    const { document } = await finish(night, await openRun(night, request()));
    expect(document.value.state).toBe("failed");
    expect(document.value.stages.similarity.reason).toBe("out of luck");
    expect(load.started).toEqual([]);
  });

  it("that failed is finished by running it again; finished stages are kept", async () => {
    const folder = "shops/toys/interactions/day=2026-11-21/export=2026-11-21.1-1/";
    const exporting = scriptedStage("export", [exported(folder)]);
    const similarity = scriptedStage("similarity", [broken, done]);
    const night = scriptedNight({ export: exporting, similarity });
    await finish(night, await openRun(night, request()));
    await night.objects.put(`${folder}part-0.parquet`, "");
    const { document } = await finish(night, await openRun(night, request()));
    expect(document.value).toMatchObject({ run: "2026-11-21.1", state: "done" });
    expect(exporting.started).toEqual([1]);
    expect(similarity.started).toEqual([1, 2]);
  });

  it("begins anew when what it had made is gone", async () => {
    const night = scriptedNight({ similarity: scriptedStage("similarity", [broken, done]) });
    await finish(night, await openRun(night, request()));
    const { document } = await finish(night, await openRun(night, request()));
    expect(document.value).toMatchObject({ run: "2026-11-21.2", state: "done" });
  });

  it("gets a number of its own, whatever manifests have been moved away", async () => {
    const night = scriptedNight();
    for (let k = 0; k < 3; k++) await finish(night, await openRun(night, request()));
    await night.objects.delete("shops/toys/runs/2026-11-21.1/manifest.json");
    expect((await openRun(night, request())).document.value.run).toBe("2026-11-21.4");
  });

  it.each(["", "{}", "[1", "null"])(
    "is not stopped by another one's manifest that is damaged: %j",
    async (damage) => {
      const night = scriptedNight();
      await finish(night, await openRun(night, request()));
      await night.objects.put("shops/toys/runs/2026-11-21.2/manifest.json", damage);
      const { document } = await finish(night, await openRun(night, request()));
      expect(document.value).toMatchObject({ run: "2026-11-21.3", state: "done" });
      const { manifests, damaged } = await readRuns(night.objects, "toys");
      expect(manifests.map(({ value }) => value.run)).toEqual(["2026-11-21.1", "2026-11-21.3"]);
      expect(damaged).toMatchObject([
        { run: "2026-11-21.2", problem: { doing: expect.stringContaining("2026-11-21.2") } },
      ]);
    },
  );

  it("begins anew when the settings or the files have changed", async () => {
    const night = scriptedNight({ similarity: scriptedStage("similarity", [broken]) });
    await finish(night, await openRun(night, request()));
    const other = await openRun(night, request({ fingerprint: { cap: 100 } }));
    expect(other.document.value.run).toBe("2026-11-21.2");
  });

  it("of a day that is done is another run", async () => {
    const night = scriptedNight();
    await finish(night, await openRun(night, request()));
    expect((await openRun(night, request())).document.value.run).toBe("2026-11-21.2");
  });

  it("can be cancelled: the stage is told, and the manifest says why", async () => {
    const similarity = scriptedStage("similarity", [running]);
    const night = scriptedNight({ similarity });
    const run = await openRun(night, request());
    for (let step = 0; step < 4; step++) await advance(night, run);
    await cancelRun(night, run, "by hand");
    expect(similarity.cancelled).toBe(1);
    expect(run.document.value).toMatchObject({
      state: "failed",
      stages: { similarity: { reason: "by hand" } },
    });
  });
});

describe("two runs at once", () => {
  it("the second says so and stops", async () => {
    const night = scriptedNight();
    await openRun(night, request());
    await expect(openRun(night, request())).rejects.toThrow("a night is running already");
    await expect(openRun(night, request({ lastDay: "2026-11-20" }))).rejects.toThrow(
      "a night is running already",
    );
  });

  it("started in the same moment: one gets the run", async () => {
    const night = scriptedNight();
    const settled = await Promise.allSettled([1, 2, 3].map(() => openRun(night, request())));
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("a dead one's lease expires, and the next takes its place", async () => {
    const night = scriptedNight();
    await openRun(night, request());
    night.clock = new Date(night.clock.getTime() + 61_000);
    expect((await openRun(night, request())).document.value.run).toBe("2026-11-21.1");
  });

  it("a holder that is known to be dead does not keep the next one waiting", async () => {
    const night = scriptedNight();
    await openRun(night, request());
    const run = await openRun(night, request({ lastDay: "2026-11-22", isAlive: () => false }));
    expect(run.document.value.run).toBe("2026-11-22.1");
    expect((await listRuns(night.objects, "toys"))[0].value.state).toBe("failed");
  });

  it("a driver that was thought dead loses the race when it comes back", async () => {
    const night = scriptedNight();
    const first = await openRun(night, request());
    night.clock = new Date(night.clock.getTime() + 61_000);
    await openRun(night, request());
    await expect(advance(night, first)).rejects.toThrow(GenerationConflict);
  });

  it("a driver that works renews its lease", async () => {
    const night = scriptedNight({ export: scriptedStage("export", [running]) });
    const run = await openRun(night, request());
    for (let second = 0; second < 300; second += 10) {
      night.clock = new Date(night.clock.getTime() + 10_000);
      await advance(night, run);
      await expect(openRun(night, request())).rejects.toThrow("running already");
    }
  });
});

it("runs are ordered by day, then by number", () => {
  const runs = ["2026-11-21.10", "2026-11-21.9", "2026-01-01.1", "2026-11-22.1"];
  expect(runs.sort(compareRuns)).toEqual(["2026-01-01.1", "2026-11-21.9", "2026-11-21.10", "2026-11-22.1"]);
});
