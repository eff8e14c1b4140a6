import { describe, expect, it } from "vitest";
import { dayLines, planShop } from "../../../cli/demo/days.ts";
import { DEMO_SIZE } from "../../../cli/demo/size.ts";

const shop = planShop({ ...DEMO_SIZE, customers: 4600, items: 960, days: 10 });
const histories = readHistories();

/** The distinct items of each device, as indexes into the catalogue. */
function readHistories(): number[][] {
  const index = new Map(shop.items.map(({ item }, k) => [item, k]));
  const byDevice = new Map<string, Set<number>>();
  for (let day = 0; day < shop.size.days; day++) {
    for (const line of [...dayLines(shop, day, 1)].join("").split("\n")) {
      const device = /"user_pseudo_id":"([^"]+)"/.exec(line)?.[1];
      if (device === undefined || !/"(view_item|add_to_cart|purchase)"/.test(line)) continue;
      const history = byDevice.get(device) ?? new Set();
      for (const [, id] of line.matchAll(/"item_id":"([^"]*)"/g))
        if (index.has(id)) history.add(index.get(id)!);
      byDevice.set(device, history);
    }
  }
  return [...byDevice.values()].map((items) => [...items]);
}

/** How many customers have both items, for each pair. */
function togetherCounts(): Uint16Array[] {
  const counts = shop.items.map(() => new Uint16Array(shop.items.length));
  for (const history of histories) {
    for (const item of history) for (const other of history) if (item !== other) counts[item][other]++;
  }
  return counts;
}

const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
const byCount = (counts: ArrayLike<number>) =>
  [...shop.items.keys()].toSorted((a, b) => counts[b] - counts[a]);

describe("customers of the demo shop", () => {
  it("have a taste: what goes together most is of one interest for 8 in 10 of the popular items' neighbours", () => {
    const together = togetherCounts();
    const users = new Float64Array(shop.items.length);
    for (const item of histories.flat()) users[item]++;
    const popular = byCount(users).slice(0, 200);
    const kin = popular.flatMap((item) =>
      byCount(together[item])
        .slice(0, 10)
        .map((other) => shop.items[other].interest === shop.items[item].interest),
    );
    expect(kin.filter((same) => same).length / kin.length).toBeGreaterThan(0.8);
  });

  it("have short histories: half have seen at most seven items, one in five only one, a few hundreds", () => {
    const sizes = histories.map(({ length }) => length).toSorted((a, b) => a - b);
    const median = sizes[sizes.length >> 1];
    expect(median).toBeGreaterThanOrEqual(4);
    expect(median).toBeLessThanOrEqual(7);
    expect(sizes.filter((size) => size === 1).length / sizes.length).toBeGreaterThan(0.2);
    expect(sizes.at(-1)).toBeGreaterThan(500);
  });

  it("are programs now and then: one opens items by chance, another follows the sitemap", () => {
    const robots = histories.filter(({ length }) => length > 500);
    const inOrder = robots.map((items) => {
      const next = items.filter((item, k) => item === (items[k - 1] + 1) % shop.items.length);
      return Math.round(next.length / items.length);
    });
    expect(inOrder.toSorted()).toEqual([0, 1]);
  });

  it("leave a long tail: the top tenth of the items gets more than a quarter of the interest", () => {
    const users = new Float64Array(shop.items.length);
    for (const item of histories.flat()) users[item]++;
    const sorted = [...users].toSorted((a, b) => b - a);
    expect(sum(sorted.slice(0, 96)) / sum(sorted)).toBeGreaterThan(0.25);
  });

  it("come more often at weekends", () => {
    const { starts } = shop.visits;
    // The window ends on Saturday 31 October 2026: day 3 is a Sunday, day 8 a Friday.
    expect(starts[4] - starts[3]).toBeGreaterThan(1.2 * (starts[9] - starts[8]));
  });
});
