import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { inBatches } from "../../../recommender/recommend/batches.ts";

function collected(breaksOn?: number) {
  const batches: (readonly number[])[] = [];
  const failed: [number, unknown][] = [];
  const add = inBatches<number>(
    (batch) => {
      if (batch.includes(breaksOn!)) throw new Error("broken");
      batches.push(batch);
    },
    (one, error) => failed.push([one, error]),
  );
  return { add, batches, failed };
}

it("What arrives in one turn of the event loop is worked on together, at its end", async () => {
  const { add, batches } = collected();
  for (const one of [1, 2, 3]) add(one);
  await Promise.resolve();
  expect(batches).toEqual([]);
  await setImmediate();
  expect(batches).toEqual([[1, 2, 3]]);
  add(4);
  await setImmediate();
  expect(batches).toEqual([[1, 2, 3], [4]]);
});

it("A crowd is worked on in several turns, in its order, and nobody is lost", async () => {
  const { add, batches } = collected();
  const all = Array.from({ length: 200 }, (_, k) => k);
  all.slice(0, 150).forEach(add);
  await setImmediate();
  expect(batches).toHaveLength(1);
  all.slice(150).forEach(add);
  for (let turn = 0; turn < 4; turn++) await setImmediate();
  expect(batches.flat()).toEqual(all);
  expect(Math.max(...batches.map(({ length }) => length))).toBeLessThan(100);
});

it("Few of those that cost much are worked on in one turn, and one that costs too much comes alone", async () => {
  const batches: (readonly number[])[] = [];
  const add = inBatches<number>(
    (batch) => void batches.push(batch),
    () => {},
    (cost) => cost,
  );
  for (const cost of [16, 16, 16, 16, 16, 1000, 1]) add(cost);
  for (let turn = 0; turn < 5; turn++) await setImmediate();
  expect(batches).toEqual([[16, 16, 16, 16], [16], [1000], [1]]);
});

it("What cannot be worked on fails alone", async () => {
  const { add, batches, failed } = collected(2);
  for (const one of [1, 2, 3]) add(one);
  await setImmediate();
  expect(batches).toEqual([[1], [3]]);
  expect(failed).toEqual([[2, new Error("broken")]]);
});
