import fc from "fast-check";
import { expect, it } from "vitest";
import { millionths } from "../../../core/text/order.ts";
import type { QueryItem } from "../../../core/ranking/query.ts";
import type { NeighbourTable } from "../../../core/model/neighbour-table.ts";
import type { Best, Conditions } from "../../../core/ranking/best-rows.ts";
import { Scorer } from "../../../core/ranking/scorer.ts";

const REASONS = 3;
type Lists = { item: number; score: number }[][];

interface Case {
  lists: Lists;
  queries: { items: QueryItem[]; n: number; conditions: Conditions }[];
}

/** The first rows have neighbour lists, best first; there are queries to them. */
const QUERIED = 9;

/** Variants of one product are in one category. */
const VARIANTS = { limit: 1, groupOf: (row: number) => (row % 8) - 3 };
const CATEGORIES = { limit: 1, groupOf: (row: number) => (row % 4) - 1 };

/** Rows of all sizes of a catalogue, many of which end in the same bits. */
const cases: fc.Arbitrary<Case> = fc.constantFrom(16, 40, 600).chain((items) => {
  const row = fc.oneof(
    fc.nat(items - 1),
    fc.tuple(fc.nat(3), fc.nat(9)).map(([last, k]) => (last + 64 * k) % items),
  );
  const queried = fc.nat(QUERIED - 1);
  const neighbour = fc.record({
    item: row,
    score: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 1e6 })),
  });
  const list = fc
    .uniqueArray(neighbour, { selector: ({ item }) => item, maxLength: 12 })
    .map((found) => found.sort((a, b) => b.score - a.score || a.item - b.item));
  const item = fc.record({
    row: queried,
    weight: fc.constantFrom(0.5, 1, 2, 6, 0.3, 1e-7),
    event: fc.constant("view_item" as const),
  });
  const conditions = fc.record({
    excluded: fc.array(row, { maxLength: 3 }),
    admits: fc.option(
      row.map((r) => (other: number) => other % 3 !== r % 3),
      { nil: undefined },
    ),
    groups: fc.option(
      fc.integer({ min: 1, max: 2 }).chain((limit) => fc.subarray([VARIANTS, { ...CATEGORIES, limit }])),
      { nil: undefined },
    ),
  });
  const query = fc.record({
    items: fc.uniqueArray(item, { selector: ({ row }) => row, minLength: 1, maxLength: 8 }),
    n: fc.integer({ min: 1, max: 8 }),
    conditions,
  });
  return fc.record({
    lists: fc
      .array(list, { minLength: QUERIED, maxLength: QUERIED })
      .map((lists) => [...lists, ...Array.from({ length: items - QUERIED }, () => [])]),
    queries: fc.array(query, { minLength: 1, maxLength: 4 }),
  });
});

it("Whether rows share their places or not, the n best are what the plain definition says", () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(4, 64, 128, 256, 1024), ({ lists, queries }, places) => {
      const table = tableOf(lists);
      const scorer = new Scorer(lists.length, REASONS, places);
      const found = scorer.best(queries.map((query) => ({ table, ...query })));
      expect(found.map((best) => best.map(shown))).toEqual(queries.map((query) => plainBest(lists, query)));
    }),
    { numRuns: 3000 },
  );
});

it("A row is not missed because others look better that share their places", () => {
  // In 64 places, rows 1 and 65, 2 and 66, 3 and 67 have 19 together; the best by itself is 100.
  const pairs = [1, 65, 2, 66, 3, 67].map((item) => ({ item, score: item < 64 ? 10e3 : 9e3 }));
  const lists: Lists = Array.from({ length: 600 }, () => []);
  lists[0] = [{ item: 100, score: 12e3 }, ...pairs];
  lists[1] = [{ item: 5, score: 1e3 }];
  const items = [0, 1].map((row): QueryItem => ({ row, weight: 1, event: "view_item" }));
  const query = { items, n: 1, conditions: { excluded: [] } };
  const [best] = new Scorer(600, REASONS, 64).best([{ table: tableOf(lists), ...query }]);
  expect(best.map(shown)).toEqual([{ item: 100, score: 12e3, from: [0] }]);
});

function tableOf(lists: Lists): NeighbourTable {
  const offset = new Int32Array(lists.length + 1);
  lists.forEach((list, row) => (offset[row + 1] = offset[row] + list.length));
  const all = lists.flat();
  return {
    offset,
    item: Int32Array.from(all, ({ item }) => item),
    score: Int32Array.from(all, ({ score }) => score),
  };
}

function shown({ item, score, why }: Best) {
  const from: number[] = [];
  for (let part = why.largest; part; part = part.next) from.push(part.from.row);
  return { item, score, from };
}

function plainBest(
  lists: Lists,
  { items, n, conditions: { excluded, admits, groups = [] } }: Case["queries"][number],
) {
  const all = lists.map((_, row) => {
    const parts = items.flatMap((from) => {
      const neighbour = lists[from.row].find(({ item }) => item === row);
      return neighbour ? [{ from: from.row, value: from.weight * neighbour.score }] : [];
    });
    const total = parts.reduce((sum, { value }) => sum + value, 0);
    const largest = parts.sort((a, b) => b.value - a.value || a.from - b.from).slice(0, REASONS);
    return { item: row, score: millionths(total / 1e6), from: largest.map(({ from }) => from) };
  });
  const ranked = all
    .filter(({ item, score }) => score > 0 && !excluded.includes(item) && (admits?.(item) ?? true))
    .sort((a, b) => b.score - a.score || a.item - b.item);
  const taken: typeof ranked = [];
  for (const one of ranked) {
    const isFull = groups.some(({ limit, groupOf }) => {
      const same = taken.filter(({ item }) => groupOf(item) === groupOf(one.item)).length;
      return groupOf(one.item) >= 0 && same >= limit;
    });
    if (!isFull) taken.push(one);
  }
  return taken.slice(0, n);
}
