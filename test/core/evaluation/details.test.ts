import { describe, expect, it } from "vitest";
import { beyondAccuracy } from "../../../core/evaluation/beyond-accuracy.ts";
import { byLength, byTarget } from "../../../core/evaluation/parts.ts";
import { ratingsFromEntries } from "../../../core/ratings/ratings.ts";

const had = (...items: number[]) => ({ view_item: items, add_to_cart: items.slice(0, 1), purchase: [] });
const upTo = (n: number) => Array.from({ length: n }, (_, k) => k);

describe("the parts of a test", () => {
  it("are made by the distinct items of a history, and those without a user are left out", () => {
    const answered = [1, 2, 3, 9, 9, 100].map((length) => {
      return { history: had(...upTo(length)), targets: [200], list: length === 9 ? [200] : [201, 200] };
    });
    const parts = byLength(answered);
    expect(parts.map(({ name, users }) => [name, users])).toEqual([
      ["1 to 2", 2],
      ["3 to 9", 3],
      ["100 and more", 1],
    ]);
    const second = 1 / Math.log2(3);
    expect(parts[0].ndcg10.mean).toBeCloseTo(second, 12);
    expect(parts[1].ndcg10.mean).toBeCloseTo((1 + 1 + second) / 3, 12);
    // The spread of 1, 1 and x is (1 - x) / sqrt(3).
    expect(parts[1].ndcg10.standardError).toBeCloseTo((1 - second) / 3, 12);
  });

  it("are made by the users of a target: each is scored as if there were no others", () => {
    // Item 0 has half of all pairs.
    const users = [60, 30, 15, 9, 6];
    const answered = [
      { history: had(), targets: [0, 1, 3, -1], list: [4, 1, 3] },
      { history: had(), targets: [1, 2], list: [2, 1] },
    ];
    const parts = byTarget(answered, users);
    expect(parts.map(({ name, users, targets, recall10 }) => [name, users, targets, recall10])).toEqual([
      ["head", 1, 1, 0],
      ["middle", 2, 3, 1],
      ["tail", 1, 1, 1],
    ]);
    expect(parts[1].ndcg10.mean).toBeCloseTo((1 / Math.log2(3) + 1) / 2, 12);
    expect(parts[2].ndcg10.mean).toBeCloseTo(1 / Math.log2(4), 12);
  });
});

describe("novelty and diversity", () => {
  /** Which users have each item, of 16. */
  const sets = [upTo(16), upTo(4), [2, 3, 4, 5], [7]];
  const pairs = sets.flatMap((users, item) => users.map((user) => ({ item, user })));
  const byItem = ratingsFromEntries({
    users: sets.length,
    items: 16,
    user: Int32Array.from(pairs, ({ item }) => item),
    item: Int32Array.from(pairs, ({ user }) => user),
  });

  it("are what the plain definitions say, over the lists that have any", () => {
    const { novelty10, diversity10 } = beyondAccuracy([[0, 1, 2], [3], []], byItem);
    // The items' users are 1, 1/4, 1/4 and 1/16 of all: 0, 2, 2 and 4 bits.
    expect(novelty10.mean).toBeCloseTo((4 / 3 + 4) / 2, 12);
    // Cosines: 4/sqrt(16*4) twice, 2/sqrt(4*4) once.
    expect(diversity10.mean).toBeCloseTo(0.5, 12);
    expect(beyondAccuracy([[3, 1]], byItem).diversity10.mean).toBe(1);
  });

  it("look at ten items, not more", () => {
    const list = Array.from({ length: 10 }, () => 0);
    expect(beyondAccuracy([[...list, 3]], byItem).novelty10.mean).toBe(0);
    expect(beyondAccuracy([[...list, 3]], byItem).diversity10.mean).toBe(0);
  });
});
