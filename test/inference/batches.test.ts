import fc from "fast-check";
import { expect, it } from "vitest";
import { groupByLength } from "../../inference/engine/groups.ts";
import { WaitingTexts, type Waiting } from "../../inference/engine/waiting.ts";

it("groups hold each text once, of similar lengths, and no more than there may be", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 512 })),
      fc.integer({ min: 1, max: 40 }),
      (lengths, most) => {
        const groups = groupByLength(lengths, most);
        expect(groups.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
        for (const group of groups) {
          const own = group.map((place) => lengths[place]);
          const tokens = own.reduce((sum, length) => sum + length, 0);
          expect(group.length).toBeLessThanOrEqual(most);
          expect(Math.max(...own) * own.length - tokens).toBeLessThanOrEqual(0.2 * tokens);
        }
      },
    ),
  );
});

const text = (text: string, since = 0, isSuspect = false): Waiting => {
  return { text, since, isSuspect, isWanted: () => true, resolve() {}, reject() {} };
};
const taken = (waiting: WaitingTexts) => waiting.take().map(({ text }) => text);

it("a batch is due when it is full, or when its oldest text has waited long enough", () => {
  const waiting = new WaitingTexts(3, 5);
  waiting.add(text("a", 100), text("b", 104));
  expect(waiting.dueIn(102)).toBe(3);
  expect(waiting.dueIn(106)).toBe(0);
  waiting.add(text("c", 102));
  expect(waiting.dueIn(102)).toBe(0);
  waiting.add(text("d", 103));
  expect(taken(waiting)).toEqual(["a", "b", "c"]);
  expect(waiting.dueIn(104)).toBe(4);
  expect(taken(waiting)).toEqual(["d"]);
});

it("a batch ends before a text that would make it long, and holds a suspect alone", () => {
  const waiting = new WaitingTexts(10, 5);
  const long = "x".repeat(10_000);
  waiting.add(text(long), text(long), text("a"), text("b", 0, true), text("c"));
  expect(taken(waiting)).toEqual([long]);
  expect(taken(waiting)).toEqual([long, "a"]);
  expect(waiting.dueIn(0)).toBe(0);
  expect(taken(waiting)).toEqual(["b"]);
  expect(taken(waiting)).toEqual(["c"]);
});
