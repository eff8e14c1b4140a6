import { capHistories, type Ratings } from "../../ratings/ratings.ts";
import { sortHistories } from "../../ratings/sort-histories.ts";
import type { Space } from "../../tuning/space.ts";
import { coCountsOf } from "../../tuning/co-counts.ts";
import type {
  Layout,
  MethodSearch,
  PrepareHints,
  Prepared,
  TableMaker,
  TableOptions,
} from "../table-maker.ts";
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

/** The knobs of what stands near what: those of `ridge` too. */
export const orderSpace: Space = {
  window: { kind: "grid", values: [5, 10, 20, 50, 100] },
  distanceDecay: { kind: "grid", values: [0, 0.1, 0.25, 0.5, 1, 2, 4] },
  backward: { kind: "number", low: 0, high: 1 },
  alpha: { kind: "number", low: 0.3, high: 1 },
  shrinkage: { kind: "number", low: 0.5, high: 100, log: true },
};

const search: MethodSearch = {
  space: orderSpace,
  shared: {
    countedBy: ["window", "distanceDecay", "cap"],
    count(ratings, { window, distanceDecay, cap }, wanted) {
      const histories = sortHistories(capHistories(ratings, cap, { keepTimes: true }));
      return coCountsOf(histories, wanted, { window, weight: (d) => 1 / (1 + distanceDecay * d) });
    },
  },
};

/** Items that stand near each other in histories. docs/ARCHITECTURE.md has the formula. */
export const order: TableMaker<HistoryIndex> = {
  prepare: (ratings, options, hints) => prepareOrdered(buildHistoryIndex, ratings, options, hints),
  createKernel,
  cost: countPairs,
  search,
};
