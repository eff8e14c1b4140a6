import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, describe, expect, it } from "vitest";
import { openPersonalizer } from "../../adapters/grpc/personalizer-client.ts";
import { runNight } from "../../adapters/local/drive.ts";
import { openTables } from "../../adapters/local/personal/tables.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import { paths } from "../../contracts/layout.ts";
import { aheadOf } from "../../contracts/settings/personal.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { listOfModel, textOfKey } from "../../day/personal-lists.ts";
import { takeDown } from "../../night/state/block-list.ts";
import { smallShop } from "./steamer.ts";
import { settingsWith } from "../night/shop.ts";
import { started } from "../personalizer/served.ts";
import { ask, closing, itemsOf, recommender } from "../recommender/personal/service.ts";
import { temporaryFolder } from "../temporary.ts";

const DAY = "2026-11-21";
const MODEL = `${DAY}.1`;
const USERS = 60;

function shopWith(change: Partial<Settings>): Settings {
  const data = temporaryFolder();
  const events = join(data, "events.csv");
  writeFileSync(events, smallShop(DAY, USERS));
  return settingsWith({ data, events: [events], minSupport: 1, "als.factors": 8, ...change });
}

const runOf = async (settings: Settings) => {
  const { state, stages, warnings } = await runNight(settings, undefined);
  return { state, ahead: stages.load.metrics!["ahead"], warnings };
};

/** The keys and texts of all stored lists, and when they expire. */
function storedIn({ data }: Settings) {
  const database = new DatabaseSync(join(data, paths.personal), { readOnly: true });
  const rows = database.prepare("SELECT key, list, expires_at FROM lists").all();
  database.close();
  return rows as { key: string; list: string; expires_at: number }[];
}

describe("lists that a night has computed ahead", async () => {
  const settings = shopWith({ "personal.ahead": 1000, "personal.results": 20 });
  const objects = fileObjects(settings.data);
  const taken = { shop: "toys", items: ["tea-4"], reason: "a test", now: new Date() };
  let night: Awaited<ReturnType<typeof runOf>>;
  beforeAll(async () => {
    await takeDown(objects, taken);
    night = await runOf(settings);
  });

  it("are those of all users where there are fewer than wanted", () => {
    expect(night).toEqual({
      state: "done",
      ahead: { users: USERS, seconds: expect.any(Number) },
      warnings: [],
    });
    expect(storedIn(settings)).toHaveLength(USERS);
  });

  it("are what the Personalizer answers, byte for byte", async () => {
    const { address } = await started(objects, { data: settings.data });
    const personalizer = closing(openPersonalizer(address));
    const options = { deadlineMs: 10_000, traceparent: "" };
    const expected = Array.from({ length: USERS }, async (_, k) => {
      const call = { shop: "toys", user: `user-${k}`, scope: "", n: 20, history: [] };
      const list = listOfModel(await personalizer.recommend(call, options));
      return [textOfKey({ ...call, model: MODEL }), JSON.stringify(list)];
    });
    const stored = new Map(storedIn(settings).map(({ key, list }) => [key, list]));
    expect(stored).toEqual(new Map((await Promise.all(expected)) as [string, string][]));
    expect([...stored.values()].some((list) => list.includes("because"))).toBe(true);
    expect([...stored.values()].some((list) => list.includes('"item":"tea-4"'))).toBe(false);
  });

  it("outlast the day", () => {
    for (const { expires_at: at } of storedIn(settings)) expect(at).toBeGreaterThan(Date.now() + 25 * 3.6e6);
  });

  it("are there for the first request after the swap, without the Personalizer", async () => {
    const server = await recommender(settings.data, { "personal.address": "127.0.0.1:1" });
    const { answer } = await ask(server, "user-8", "n=2");
    expect(answer).toMatchObject({ source: "personal", model: MODEL });
    // The next night is written beside the recommender.
    expect(await runOf(settings)).toMatchObject({ state: "done", ahead: { users: USERS } });
    await server.refresh();
    const { answer: next } = await ask(server, "user-8", "n=2");
    expect(next).toMatchObject({ source: "personal", model: `${DAY}.2` });
    expect(itemsOf(next)).toEqual(itemsOf(answer));
  });
});

describe("how many", () => {
  it("is a setting; without one they are computed where there is a Personalizer", async () => {
    const settings = shopWith({ "personal.ahead": 7 });
    expect((await runOf(settings)).ahead).toMatchObject({ users: 7 });
    expect(storedIn(settings)).toHaveLength(7);
    const address = { "personal.address": "127.0.0.1:1" };
    expect([{}, address, { ...address, "personal.ahead": 0 }].map(aheadOf)).toEqual([0, 1000, 0]);
  });

  it("is none where the night makes no factors", async () => {
    const settings = shopWith({ "personal.ahead": 7, "als.factors": 0 });
    expect(await runOf(settings)).toEqual({ state: "done", ahead: undefined, warnings: [] });
  });
});

describe("a night whose lists cannot be stored", () => {
  it("is done, with a warning, where the file is none", async () => {
    const settings = shopWith({ "personal.ahead": 7 });
    mkdirSync(join(settings.data, paths.personal));
    const { state, ahead, warnings } = await runOf(settings);
    expect([state, ahead]).toMatchObject(["done", { users: 0 }]);
    expect(warnings).toEqual([
      expect.stringMatching(/^0 of 7 users' lists were computed ahead.*unable to open/s),
    ]);
  });

  it("is done, with a warning, where somebody locks the file", async () => {
    const settings = shopWith({ "personal.ahead": 7 });
    const file = join(settings.data, paths.personal);
    openTables(file).close();
    const locker = closing(new DatabaseSync(file));
    locker.exec("BEGIN EXCLUSIVE");
    const { state, warnings } = await runOf(settings);
    expect(state).toBe("done");
    expect(warnings).toEqual([expect.stringContaining("database is locked")]);
  });
});
