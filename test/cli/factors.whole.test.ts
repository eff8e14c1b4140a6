import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { train } from "../../adapters/local/factors/train.ts";
import { fileObjects } from "../../adapters/storage/files.ts";
import { alsKnobsOf } from "../../contracts/settings/als.ts";
import { defaultsOf, SETTING_NAMES, type Settings } from "../../contracts/settings/settings.ts";
import { rowOf, trainedRows } from "../../core/factors/factor-rows.ts";
import type { Ratings } from "../../core/ratings/ratings.ts";
import { readFactors } from "../../night/state/factors.ts";
import { readSnapshot } from "../../night/state/snapshot.ts";
import { smallShop, steamer } from "./steamer.ts";
import { temporaryFolder } from "../temporary.ts";

const KNOBS = alsKnobsOf(defaultsOf(SETTING_NAMES) as Settings);

/** Enough users that threads pay: each knows some items, by a fixed rule. */
function manyUsers(users: number, items: number): Ratings {
  const rowStart = Int32Array.from({ length: users + 1 }, (_, u) => 3 * u);
  const item = Int32Array.from({ length: 3 * users }, (_, e) => {
    const user = Math.floor(e / 3);
    return (user * 7 + (e % 3) * (1 + (user % 11))) % items;
  });
  return { users, items, rowStart, item, value: Float64Array.from(item, (i) => 1 + (i % 5)) };
}

describe("training on threads", () => {
  it("gives the same factors on any number of them", async () => {
    const ratings = manyUsers(33_000, 500);
    const knobs = { ...KNOBS, iterations: 2 };
    const [one, ...others] = await Promise.all([1, 2, 3].map((threads) => train(ratings, knobs, threads)));
    for (const { workspace, loss } of others) {
      expect(loss).toBe(one.loss);
      const same = (name: "users" | "items") =>
        Buffer.from(trainedRows(workspace, name).values.buffer).equals(
          Buffer.from(trainedRows(one.workspace, name).values.buffer),
        );
      expect([same("users"), same("items")]).toEqual([true, true]);
    }
  });
});

describe("a night's factors", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "events.csv"), smallShop("2026-11-21", 200));
  await steamer(folder, "nightly", "--events", "events.csv", "--als.factors", "20");
  const objects = fileObjects(join(folder, ".steamer"));
  const snapshot = await readSnapshot(objects, "shop", "2026-11-21.1");
  const factors = (await readFactors(objects, "shop", "2026-11-21.1", snapshot.items))!;
  const { items, users } = factors;

  it("are those that folding the users' histories in gives", () => {
    expect(users.factors.rows).toBe(200);
    for (let user = 0; user < 200; user++) {
      const { offset, item, weight } = users.histories;
      const entries = Array.from(item.subarray(offset[user], offset[user + 1]), (row, k) => ({
        row,
        weight: weight[offset[user] + k],
      }));
      const folded = items.foldIn(entries);
      rowOf(users.factors, user).forEach((value, k) => expect(folded[k]).toBeCloseTo(value, 4));
    }
  });

  it("recommend what goes with a user's own things", () => {
    const user = users.find(users.idOf(17));
    const { offset, item } = users.histories;
    const known = [...item.subarray(offset[user], offset[user + 1])];
    const family = (row: number) => snapshot.idOf(row).split("-")[0];
    const { best } = items.best({
      vector: rowOf(users.factors, user),
      n: 2,
      conditions: { excluded: known },
    });
    expect(best.map((one) => family(one.item))).toEqual(Array(2).fill(family(known[0])));
  });

  it("are not made when the shop wants none", async () => {
    await steamer(folder, "nightly", "--events", "events.csv", "--als.factors", "0");
    expect(await readFactors(objects, "shop", "2026-11-21.2", snapshot.items)).toBeUndefined();
  });
});
