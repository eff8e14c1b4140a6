import type { ScenarioMetrics } from "../../contracts/metrics.ts";
import type { Knobs } from "../../contracts/settings/similarity.ts";
import type { CoCounts } from "../tuning/co-counts.ts";
import type { Space } from "../tuning/space.ts";
import type { IdHashes } from "../ratings/dimsum.ts";
import type { Ratings } from "../ratings/ratings.ts";
import type { Neighbours } from "./neighbour-lists.ts";

/**
 * The knobs that act on ratings. `vectors` and `eventWeights` are already in the ratings' values.
 */
export type TableOptions = Omit<Knobs, "vectors" | "eventWeights">;

/** The common part of all layouts of ratings. Every array of a layout is shared memory. */
export interface Layout {
  items: number;
  top: number;
  /** The cost of items 0 .. l-1 in the layout's own order; items + 1 numbers. */
  work: Float64Array;
}

/** A layout, and the sizes of the ratings on the way to it. */
export interface Prepared<L extends Layout = Layout> {
  layout: L;
  entries: number;
  /** Entries left after the cap, and after sampling. */
  capped: number;
  kept: number;
  /** The number of ordered pairs, within one history each, that are added up. */
  pairs: number;
}

export interface PrepareHints {
  /** For mode `dimsum`. */
  hashes?: IdHashes | undefined;
  /**
   * Reuse: the caller does not need the ratings any more, so the layout may take over their memory.
   */
  mayReuse?: boolean;
}

/** A step of making a table. Its places are done in any order, on any number of threads. */
export interface Phase {
  /** Places are numbered from 0. */
  places: number;
  run(place: number): void;
}

/** One thread's working memory. */
export interface Kernel {
  /**
   * What comes before, in this order: all places of one phase are done before any of the next, and
   * before any item's neighbours are found. Results are in the layout.
   */
  before?: readonly Phase[];
  /** Finds the neighbours of an item, by its place in the layout's order, and stores them. */
  neighboursOf(place: number, into: Neighbours): void;
}

/**
 * The maker of one method's tables. It lays ratings out once. Then any number of threads can work.
 */
export interface TableMaker<L extends Layout = Layout> {
  /** @throws TypeError when mode is `dimsum` and the hashes are missing. */
  prepare(ratings: Ratings, options: TableOptions, hints?: PrepareHints): Prepared<L>;
  createKernel(layout: L): Kernel;
  /** The phases of its kernels, that which finds neighbours included; absent: 1. */
  phases?: number;
  /**
   * The cost of the ratings: the ordered pairs, within one history each, that are added up, and
   * other work as so many pairs.
   */
  cost(ratings: Ratings, options: TableOptions): number;
  /** What is counted while neighbours are found; absent: nothing. */
  counts?(layout: L): Pick<ScenarioMetrics, "indefinite" | "floored">;
  /**
   * The share of the exact neighbours among the sampled ones, measured on a sample of items.
   * Absent: the method is never sampled.
   */
  recallOfSample?(ratings: Ratings, options: TableOptions, found: Neighbours): number;
  /** How `steamer tune` searches among the knobs of the method. Absent: it does not. */
  search?: MethodSearch;
}

/** A method's knobs for a search, and what many settings of these knobs have in common. */
export interface MethodSearch {
  /** Only knobs: see contracts/settings/similarity.ts. */
  space: Space;
  /**
   * What is counted once for all settings with the same values of the knobs `countedBy`. Absent: a
   * table is made anew for each setting.
   */
  shared?: {
    countedBy: readonly (keyof Knobs)[];
    /** @param wanted the items whose neighbours will be asked for, ascending */
    count(ratings: Ratings, options: TableOptions, wanted: Int32Array): CoCounts;
  };
}
