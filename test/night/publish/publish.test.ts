import { describe, expect, it } from "vitest";
import type { Manifest } from "../../../contracts/manifest.ts";
import { publish } from "../../../night/publish/publish.ts";
import { listModels, publishModel, readPointer, release, rollback } from "../../../night/state/pointer.ts";
import { openRun } from "../../../night/run/open-run.ts";
import { advance, type Night } from "../../../night/run/run.ts";
import { readSnapshot } from "../../../night/state/snapshot.ts";
import { modelStages, scriptedNight, settingsWith, smallSnapshot } from "../shop.ts";

/** Runs the night of a day (at one o'clock of the next), whose similarity finds that snapshot. */
async function nightOf(
  night: ScriptedNight,
  lastDay: string,
  snapshot = smallSnapshot(20),
): Promise<Manifest> {
  Object.assign(
    night.stages,
    modelStages(night, () => snapshot),
  );
  night.clock = new Date(Date.parse(`${lastDay}T01:00:00Z`) + 24 * 3600 * 1000);
  const run = await openRun(night, { lastDay, versions: {}, fingerprint: {}, isAlive: () => false });
  while (await advance(night, run));
  return run.document.value;
}

type ScriptedNight = ReturnType<typeof scriptedNight>;
const current = async (night: Night) => (await readPointer(night.objects, "toys"))!.value;

describe("publish", () => {
  it("makes the first model of a shop the current one", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20");
    expect(await current(night)).toEqual({
      model: "2026-11-20.1",
      lastDay: "2026-11-20",
      previous: null,
      hold: null,
      hasBlockList: true,
      retired: [],
    });
  });

  it("swaps to the next night's model, and remembers the one before", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20");
    await nightOf(night, "2026-11-21");
    expect(await current(night)).toMatchObject({ model: "2026-11-21.1", previous: "2026-11-20.1" });
  });

  it("again does nothing once it is published", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20");
    expect(await publishModel(night.objects, { shop: "toys", model: "2026-11-20.1", now: night.now() })).toBe(
      "already current",
    );
  });

  it("refuses a model whose last day is older than the current one's", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-21");
    const failed = await nightOf(night, "2026-11-20");
    expect(failed.stages.publish.reason).toContain("older than that of the current model 2026-11-21.1");
    expect((await current(night)).model).toBe("2026-11-21.1");
  });
});

describe("publish, forced", () => {
  it("takes an older last day too: the way out when a clock went wrong", async () => {
    const night = scriptedNight();
    await nightOf(night, "2099-01-01");
    await nightOf(night, "2026-11-20");
    const force = "a clock was wrong";
    await publish(night.objects, {
      settings: night.settings,
      model: "2026-11-20.1",
      now: night.now(),
      force,
    });
    expect((await current(night)).model).toBe("2026-11-20.1");
  });
});

describe("the gate", () => {
  it("holds back a model that lost most of its items; the old one goes on serving", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20", smallSnapshot(100));
    const { stages } = await nightOf(night, "2026-11-21", smallSnapshot(40));
    expect(stages.publish.reason).toContain("the number of items is 40, below 50 (minItems)");
    expect((await current(night)).model).toBe("2026-11-20.1");
  });

  it("holds back a model whose lists have nothing in common with the serving ones", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20");
    const { stages } = await nightOf(night, "2026-11-21", smallSnapshot(20, "renamed"));
    expect(stages.publish.reason).toContain(
      "the overlap of top lists with the serving model is 0, below 0.05",
    );
  });

  it("stays on its guard when the serving model is damaged", async () => {
    const night = scriptedNight();
    const { stages } = await nightOf(night, "2026-11-20", smallSnapshot(100));
    await night.objects.delete((stages.load.metrics as { snapshot: { path: string } }).snapshot.path);
    const smaller = await nightOf(night, "2026-11-21", smallSnapshot(40));
    expect(smaller.stages.publish.reason).toContain("the number of items is 40");
    const { warnings } = await nightOf(night, "2026-11-22", smallSnapshot(90));
    expect(warnings.join()).toContain("The serving model could not be compared with");
  });

  it("takes the place of a model of which neither snapshot nor manifest can be read", async () => {
    const night = scriptedNight();
    const { run, stages } = await nightOf(night, "2026-11-20", smallSnapshot(100));
    await night.objects.delete((stages.load.metrics as { snapshot: { path: string } }).snapshot.path);
    await night.objects.put(`shops/toys/runs/${run}/manifest.json`, "[");
    const { warnings, state } = await nightOf(night, "2026-11-21", smallSnapshot(90));
    expect([state, warnings.join()]).toEqual(["done", expect.stringContaining("could not be compared with")]);
  });

  it("lets it through when forced, and keeps the reason", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20", smallSnapshot(100));
    await nightOf(night, "2026-11-21", smallSnapshot(40));
    const force = "the winter sale is over";
    const result = await publish(night.objects, {
      settings: night.settings,
      model: "2026-11-21.1",
      now: night.now(),
      force,
    });
    expect(result).toMatchObject({
      publication: "published",
      forced: force,
      missed: [expect.any(String)],
    });
    expect((await current(night)).model).toBe("2026-11-21.1");
  });
});

describe("rollback", () => {
  const shop = "toys";
  const rolledBack = async () => {
    const night = scriptedNight();
    for (const day of ["2026-11-19", "2026-11-20", "2026-11-21"]) await nightOf(night, day);
    await rollback(night.objects, { shop, reason: "odd neighbours", now: night.now() });
    return night;
  };

  it("goes back to the previous model and sets a hold", async () => {
    expect(await current(await rolledBack())).toEqual({
      model: "2026-11-20.1",
      lastDay: "2026-11-20",
      previous: "2026-11-21.1",
      retired: [{ model: "2026-11-19.1", at: "2026-11-22T01:00:00.000Z" }],
      hold: { since: "2026-11-22T01:00:00.000Z", reason: "odd neighbours" },
      hasBlockList: true,
    });
  });

  it("keeps the next night from publishing, until it is released", async () => {
    const night = await rolledBack();
    const held = await nightOf(night, "2026-11-22");
    expect(held.stages.publish.metrics).toMatchObject({ publication: "held" });
    expect(held.warnings.join()).toContain("a rollback set a hold");
    expect((await current(night)).model).toBe("2026-11-20.1");
    await release(night.objects, shop);
    await nightOf(night, "2026-11-23");
    expect((await current(night)).model).toBe("2026-11-23.1");
  });

  it("goes to a named model, and says which there are when there is none of that name", async () => {
    const night = await rolledBack();
    const to = (model: string) => rollback(night.objects, { shop, model, reason: "", now: night.now() });
    await expect(to("2026-01-01.1")).rejects.toThrow("choose one of 2026-11-19.1, 2026-11-21.1");
    expect((await to("2026-11-19.1")).model).toBe("2026-11-19.1");
  });

  it("goes further back when asked again, never forward to the bad model", async () => {
    const night = await rolledBack();
    await rollback(night.objects, { shop, reason: "still odd", now: night.now() });
    expect((await current(night)).model).toBe("2026-11-19.1");
  });

  it("refuses a model that cannot be loaded", async () => {
    const night = await rolledBack();
    for (const path of await night.objects.list("shops/toys/models/2026-11-19.1/")) {
      if (path.endsWith("snapshot.arrow")) await night.objects.put(path, "damaged");
    }
    const back = rollback(night.objects, { shop, model: "2026-11-19.1", reason: "", now: night.now() });
    await expect(back).rejects.toThrow("another checksum");
    expect((await current(night)).model).toBe("2026-11-20.1");
  });

  it("has nowhere to go after the first night", async () => {
    const night = scriptedNight();
    await nightOf(night, "2026-11-20");
    const back = rollback(night.objects, { shop, reason: "", now: night.now() });
    await expect(back).rejects.toThrow("there is no model before the current one");
  });
});

describe("pruning", () => {
  it("keeps three models, and their exports; older ones go", async () => {
    const night = scriptedNight();
    for (let day = 10; day < 16; day++) {
      await night.objects.put(
        `shops/toys/interactions/day=2026-11-01/export=2026-11-${day}.1-1/part.parquet`,
        "",
      );
      await nightOf(night, `2026-11-${day}`);
    }
    expect(await listModels(night.objects, "toys")).toEqual(["2026-11-13.1", "2026-11-14.1", "2026-11-15.1"]);
    expect(await night.objects.list("shops/toys/interactions/")).toHaveLength(3);
  });

  it("never takes the current or the previous model, however old", async () => {
    const night = scriptedNight({}, settingsWith({ keepModels: 1 }));
    for (const day of ["2026-11-10", "2026-11-11"]) await nightOf(night, day);
    await rollback(night.objects, { shop: "toys", reason: "", now: night.now() });
    for (const day of ["2026-11-12", "2026-11-13"]) await nightOf(night, day);
    expect(await listModels(night.objects, "toys")).toEqual(
      expect.arrayContaining(["2026-11-10.1", "2026-11-11.1"]),
    );
  });
});

describe("a snapshot", () => {
  it("that is damaged, cut off or missing is refused with what to do", async () => {
    const night = scriptedNight();
    const { stages } = await nightOf(night, "2026-11-20");
    const { path } = (stages.load.metrics as { snapshot: { path: string } }).snapshot;
    const whole = (await night.objects.get(path))!.data;
    const read = () => readSnapshot(night.objects, "toys", "2026-11-20.1");
    const flipped = whole.slice();
    flipped[flipped.length >> 1] ^= 1;
    for (const data of [flipped, whole.subarray(0, whole.length - 8), new Uint8Array()]) {
      await night.objects.put(path, data);
      await expect(read()).rejects.toThrow(/another checksum.*\n.*rollback/);
    }
    await night.objects.delete(path);
    await expect(read()).rejects.toThrow("is missing");
  });
});
