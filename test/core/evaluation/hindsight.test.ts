import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVENTS } from "../../../contracts/interactions.ts";
import { questionsOf, type Done } from "../../../core/evaluation/hindsight.ts";

const ALL = 100;
const row = (user: string, item: string, event: Done["event"], lastAt: number, isOfDay: boolean): Done => ({
  ...{ user, item, event, lastAt, isOfDay },
});

describe("the questions of a day", () => {
  it("ask by what was done before it for what was bought on it", () => {
    const rows = [
      row("ann", "tin", "view_item", 1, false),
      row("ann", "tea", "view_item", 3, false),
      row("ann", "cup", "view_item", 2, false),
      row("ann", "tin", "add_to_cart", 4, false),
      row("ann", "pot", "view_item", 8, true),
      row("ann", "pot", "purchase", 9, true),
      row("ann", "cup", "purchase", 9, true),
      row("ann", "bag", "add_to_cart", 9, true),
      row("bob", "tea", "purchase", 9, true),
    ];
    const request = { browsed: ["tin", "cup", "tea"], basket: ["tin"], purchased: [] };
    expect(questionsOf(rows, "purchase", ALL)).toEqual({
      asked: [{ request, targets: ["pot"] }],
      unknownUsers: 1,
      hadBefore: 1,
    });
    expect(questionsOf(rows, "add_to_cart", ALL).asked).toEqual([{ request, targets: ["bag"] }]);
  });

  it("carry the latest items only, where a history is longer than a request can be", () => {
    const before = Array.from({ length: 300 }, (_, k) => row("ann", `item-${k}`, "view_item", k, false));
    const rows = [
      ...before,
      row("ann", "new", "purchase", 999, true),
      row("ann", "item-3", "purchase", 999, true),
    ];
    const { asked, hadBefore } = questionsOf(rows, "purchase", ALL);
    expect(asked[0].request.browsed).toEqual(Array.from({ length: 200 }, (_, k) => `item-${k + 100}`));
    expect(hadBefore).toBe(1);
  });

  it("go to as many users as are wanted, by the hashes of their ids", () => {
    const rows = ["eve", "bob", "é"].flatMap((user) => [
      row(user, "tea", "view_item", 1, false),
      row(user, user, "purchase", 9, true),
    ]);
    const { asked } = questionsOf(rows, "purchase", 2);
    expect(asked.map(({ targets }) => targets[0])).toEqual(["bob", "é"]);
  });

  const done = fc.record({
    user: fc.constantFrom("a", "b", "c"),
    item: fc.constantFrom("v", "w", "x", "y", "z"),
    event: fc.constantFrom(...EVENTS),
    lastAt: fc.nat(9),
    isOfDay: fc.boolean(),
  });

  it("count each pair of a user and a bought item once, as asked for or as left out", () => {
    fc.assert(
      fc.property(fc.array(done, { maxLength: 40 }), (rows) => {
        const bought = rows.filter(({ isOfDay, event }) => isOfDay && event === "purchase");
        const pairs = [...new Set(bought.map(({ user, item }) => `${user} ${item}`))].map((pair) =>
          pair.split(" "),
        );
        const before = rows.filter(({ isOfDay }) => !isOfDay);
        const isKnown = ([user]: string[]) => before.some((row) => row.user === user);
        const had = ([user, item]: string[]) => before.some((row) => row.user === user && row.item === item);
        const { asked, unknownUsers, hadBefore } = questionsOf(rows, "purchase", ALL);
        expect(unknownUsers).toBe(pairs.filter((pair) => !isKnown(pair)).length);
        expect(hadBefore).toBe(pairs.filter(had).length);
        const targets = asked.flatMap(({ targets }) => targets);
        expect(targets.length).toBe(pairs.length - unknownUsers - hadBefore);
      }),
    );
  });
});
