import { capHistories, type Ratings } from "../../ratings/ratings.ts";
import { sortHistories } from "../../ratings/sort-histories.ts";
import type { Layout, PrepareHints, Prepared, TableMaker, TableOptions } from "../table-maker.ts";
import { buildHistoryIndex, type HistoryIndex } from "./history-index.ts";
import { createKernel } from "./kernel.ts";

/**
 * Sorts histories by time, and lays them out for a method that goes by their order.
 * @throws TypeError when the ratings have no times, or the mode is `dimsum`
 */
export function prepareOrdered<L extends Layout>(
  layOut: (ratings: Ratings, options: TableOptions) => L,
  ratings: Ratings,
  options: TableOptions,
  { mayReuse = false }: PrepareHints = {},
): Prepared<L> {
  const { mode, method } = options;
  if (mode === "dimsum") throw new TypeError(`prepare: the method ${method} is never sampled`);
  const capped = capHistories(ratings, options.cap, { keepTimes: true });
  const sorted = sortHistories(capped, { mayReuse: mayReuse || capped !== ratings });
  const layout = layOut(sorted, options);
  const kept = sorted.item.length;
  return { layout, entries: ratings.item.length, capped: kept, kept, pairs: countPairs(sorted, options) };
}

/** Ordered pairs of different items in one history, `window` places apart at most. */
export function countPairs({ users, rowStart }: Ratings, { window }: Pick<TableOptions, "window">): number {
  let pairs = 0;
  for (let u = 0; u < users; u++) {
    const length = rowStart[u + 1] - rowStart[u];
    const reach = Math.min(window, length - 1);
    if (length > 1) pairs += reach * (2 * length - reach - 1);
  }
  return pairs;
}

/** Items that stand near each other in histories. docs/ARCHITECTURE.md has the formula. */
export const order: TableMaker<HistoryIndex> = {
  prepare: (ratings, options, hints) => prepareOrdered(buildHistoryIndex, ratings, options, hints),
  createKernel,
  cost: countPairs,
};
