import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runNight } from "../../adapters/local/drive.ts";
import { readSettings } from "../../adapters/settings.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import type { Answer } from "../../core/ranking/answer.ts";
import type { Manifest, Pointer } from "../../contracts/manifest.ts";
import { PointedModel } from "../../recommender/model/current-model.ts";
import { recommend } from "../../recommender/model/loaded-model.ts";
import { openStore } from "../../recommender/model/open-store.ts";
import { temporaryFolder } from "../temporary.ts";
import { smallShop, start, steamer } from "./steamer.ts";

const folder = temporaryFolder();
const HOOK = `--import ${resolve("test/cli/kill-hook.mjs")}`;
const NIGHT = ["nightly", "--events", "second.csv", "--threads", "1"];

/** A place where the first night is done and the second day's events lie ready. */
const template = join(folder, "template");
const answers: Record<string, Answer["results"]> = {};

const read = <T>(place: string, path: string) =>
  JSON.parse(readFileSync(join(place, ".steamer/shops/shop", path), "utf8")) as T;

/** The settings of NIGHT, for what needs no process of its own. */
function settingsOf(place: string) {
  const values = { data: join(place, ".steamer"), events: [join(place, "second.csv")], threads: 1 };
  return readSettings({ env: {}, file: { path: "none", values } });
}

/** Asks as `steamer recommend` does. */
async function ask(place: string): Promise<Answer> {
  const settings = settingsOf(place);
  const objects = fileObjects(settings.data);
  const model = new PointedModel(objects, settings.shop, await openStore(settings, objects));
  expect((await model.refresh()).problems).toEqual([]);
  return recommend(model.get()!, { browsed: ["tea-1", "rope-2"], basket: [], purchased: [], n: 12 });
}

beforeAll(async () => {
  cpSync(mkdtempSync(join(folder, "empty-")), template, { recursive: true });
  writeFileSync(join(template, "first.csv"), smallShop("2026-11-20"));
  writeFileSync(join(template, "second.csv"), smallShop("2026-11-21", 80));
  expect(await steamer(template, "nightly", "--events", "first.csv")).toMatchObject({ status: 0 });
  const unharmed = mkdtempSync(join(folder, "unharmed-"));
  cpSync(template, unharmed, { recursive: true });
  expect(await steamer(unharmed, ...NIGHT)).toMatchObject({ status: 0 });
  for (const place of [template, unharmed]) {
    const { model, results } = await ask(place);
    answers[model] = results;
  }
  expect(Object.keys(answers)).toEqual(["2026-11-20.1", "2026-11-21.1"]);
});

/**
 * A night writes seventeen documents: its manifest thirteen times, the snapshot, two files of
 * factors, and as the last but one the pointer.
 */
const DOCUMENTS = 17;
const POINTER = 16;

function isAfterTheSwap(point: string): boolean {
  const [kind, document] = [point.split(":")[0], Number(point.split(":")[1])];
  return document > POINTER || (document === POINTER && kind === "renamed");
}

const points = Array.from({ length: DOCUMENTS }, (_, n) => [
  `write:${n + 1}`,
  `rename:${n + 1}`,
  `renamed:${n + 1}`,
]).flat();
const files = [
  "rejects.1.csv",
  ".tmp-export",
  "interactions/day=2026-11-21/export=2026-11-21",
  "items/day=2026-11-21/export=2026-11-21",
];
for (const table of ["neighbours", "catalogue", "buyers", "factors/users", "factors/items"])
  files.push(`${table}/part-0.parquet`);

describe("a night that is killed", () => {
  it.each([...points, ...files.map((text) => `file:${text}`)])(
    "at %s leaves a model serving, and is finished by the next",
    async (point) => {
      const place = mkdtempSync(join(folder, "killed-"));
      cpSync(template, place, { recursive: true });
      const killed = await start(place, NIGHT, { NODE_OPTIONS: HOOK, KILL_AT: point }).finished;
      expect(killed.status).toBe("SIGKILL");

      const between = await ask(place);
      expect(between.results).toEqual(answers[between.model]);
      expect(between.model).toBe(isAfterTheSwap(point) ? "2026-11-21.1" : "2026-11-20.1");

      expect(await runNight(settingsOf(place), undefined)).toMatchObject({ state: "done" });
      const after = await ask(place);
      const { model } = read<Pointer>(place, "current.json");
      expect([after.model, after.results]).toEqual([model, answers["2026-11-21.1"]]);
      expect(read<Manifest>(place, `runs/${model}/manifest.json`).state).toBe("done");
      const left = readdirSync(join(place, ".steamer"), { recursive: true }).map(String);
      expect(left.filter((path) => path.includes(".tmp-"))).toEqual([]);
    },
  );
});
