import { describe, expect, it } from "vitest";
import { decodingItemFactors, decodingUserFactors } from "../../../core/factors/decode-factors.ts";
import { encodeItemFactors, encodeUserFactors, type Users } from "../../../core/factors/encode-factors.ts";
import { rowOf } from "../../../core/factors/factor-rows.ts";
import { atOnce } from "../../../core/model/decode.ts";

const trainedFor = {
  regularization: 0.01,
  exponent: 1,
  unobserved: 0.1,
  eventWeights: { view_item: 0.5, add_to_cart: 2, purchase: 6 },
};
const items = { rows: 3, factors: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6) };
const users: Users = {
  ids: ["Zoë", "anna", "ｚ", "😀"],
  factors: { rows: 4, factors: 2, values: Float32Array.of(1, 0, 0, 1, 2, 2, 0.5, 0.25) },
  histories: {
    offset: Int32Array.of(0, 2, 2, 3, 4),
    item: Int32Array.of(0, 2, 1, 0),
    weight: Float32Array.of(0.5, 6, 2, 1),
  },
  bought: { offset: Int32Array.of(0, 1, 1, 1, 1), item: Int32Array.of(2) },
};

const decoded = (some: Partial<Users>) =>
  atOnce(decodingUserFactors(encodeUserFactors({ ...users, ...some }), items));
const decodedItems = (rows: number) =>
  atOnce(decodingItemFactors(encodeItemFactors(items, trainedFor), rows));

describe("files of factors", () => {
  it("give back what was written", () => {
    const read = decodedItems(3);
    expect(read.trainedFor).toEqual(trainedFor);
    expect(rowOf(read, 1)).toEqual(Float32Array.of(3, 4));
    const people = decoded({});
    expect(users.ids.map(people.find)).toEqual([0, 1, 2, 3]);
    expect([0, 3].map(people.idOf)).toEqual(["Zoë", "😀"]);
    expect(["", "ann", "annab", "Zoe"].map(people.find)).toEqual([-1, -1, -1, -1]);
    expect(rowOf(people.factors, 3)).toEqual(Float32Array.of(0.5, 0.25));
    expect(people.histories).toEqual(users.histories);
    expect(people.bought).toEqual(users.bought);
  });

  it("may have nobody in them", () => {
    const none = { offset: Int32Array.of(0), item: new Int32Array(), weight: new Float32Array() };
    const nobody = { rows: 0, factors: 2, values: new Float32Array() };
    expect(decoded({ ids: [], factors: nobody, histories: none, bought: none }).find("anna")).toBe(-1);
  });

  const wrong: [string, Partial<Users>, string][] = [
    [
      "another width",
      { factors: { rows: 4, factors: 1, values: new Float32Array(4) } },
      "users have 1 factors",
    ],
    ["unsorted ids", { ids: ["b", "a", "c", "d"] }, "not sorted"],
    ["the same id twice", { ids: ["a", "a", "c", "d"] }, "not sorted"],
    [
      "a value that is no number",
      { factors: { ...users.factors, values: new Float32Array(8).fill(NaN) } },
      "finite",
    ],
    ["an item too many", { bought: { ...users.bought, item: Int32Array.of(3) } }, "bought are out of"],
    [
      "offsets that go back",
      { histories: { ...users.histories, offset: Int32Array.of(0, 2, 1, 3, 4) } },
      "history",
    ],
  ];
  it.each(wrong)("are refused with %s", (_, some, reason) => {
    expect(() => decoded(some)).toThrow(reason);
  });

  it("are refused when they are another model's", () => {
    expect(() => decodedItems(4)).toThrow("the snapshot has 4");
  });
});
