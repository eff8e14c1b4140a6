import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { computeAhead, type AheadOrder, type AheadWork } from "../../day/compute-ahead.ts";
import type { StoredList } from "../../day/personal-lists.ts";
import { Retries } from "../../day/retries.ts";
import { loadPersonalModel } from "../../personalizer/model.ts";
import { memoryObjects, settingsWith } from "../night/shop.ts";
import { publishPersonal } from "./shop.ts";

const MODEL = "2026-11-20.1";
const objects = memoryObjects();
await publishPersonal(objects, MODEL);
const order: AheadOrder = {
  shop: "toys",
  name: MODEL,
  model: await loadPersonalModel(objects, settingsWith(), MODEL),
  // Three batches, the last one short.
  users: Uint32Array.from({ length: 50 }, (_, k) => k % 30),
  results: 3,
  excluded: [],
  expiresAt: 100,
};

/** Computes with a store that fails as told; also what it has been given, and what was reported. */
function computing(change: Partial<AheadWork> = {}, putAll = async (_: readonly StoredList[]) => {}) {
  const stored: StoredList[] = [];
  const reported: number[] = [];
  const writer = {
    async putAll(lists: readonly StoredList[], expiresAt: number) {
      expect(expiresAt).toBe(100);
      await putAll(lists);
      stored.push(...lists);
    },
    deleteAll: async () => {},
    close: async () => {},
  };
  const work: AheadWork = {
    writer,
    retries: new Retries({ most: 2, sleep: async () => {}, random: () => 0 }),
    signal: new AbortController().signal,
    mayGoOn: () => true,
    progress: (lists) => reported.push(lists),
    pause: setImmediate,
    ...change,
  };
  return { outcome: computeAhead(order, work), stored, reported };
}

it("Lists are stored in the order of the users, batch by batch", async () => {
  const { outcome, stored, reported } = computing();
  expect(await outcome).toEqual({ stored: 50 });
  expect(stored.map(({ key }) => key.user)).toEqual([...order.users].map(order.model.users.idOf));
  expect(stored[0].key).toEqual({ shop: "toys", model: MODEL, scope: "", user: order.model.users.idOf(0) });
  expect(stored[0].list).toMatchObject({ model: MODEL, from: "model" });
  expect(stored[0].list.results).toHaveLength(3);
  expect(reported).toEqual([20, 40, 50]);
});

it("A batch that could not be stored is tried again", async () => {
  let failures = 2;
  const { outcome, stored } = computing({}, async () => {
    if (failures-- > 0) throw new Error("busy");
  });
  expect(await outcome).toEqual({ stored: 50 });
  expect(stored).toHaveLength(50);
});

it("What is stored counts where the store fails for good", async () => {
  let batches = 0;
  const { outcome, stored } = computing({}, async () => {
    if (++batches > 1) throw new Error("the disk is full");
  });
  expect(await outcome).toEqual({ stored: 20, error: new Error("the disk is full") });
  expect(stored).toHaveLength(20);
});

it("It ends when the time is over", async () => {
  let looks = 0;
  const { outcome } = computing({ mayGoOn: () => looks++ < 2 });
  expect(await outcome).toEqual({ stored: 40 });
});

it("It ends when it is cancelled, and nothing is written after that", async () => {
  const cancel = new AbortController();
  const reason = new Error("cancelled");
  const { outcome, stored } = computing({ signal: cancel.signal }, async () => cancel.abort(reason));
  await expect(outcome).rejects.toBe(reason);
  expect(stored).toHaveLength(20);
});
