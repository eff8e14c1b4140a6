import type { Knobs } from "../../contracts/settings/similarity.ts";
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

/** One thread's working memory. */
export interface Kernel {
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
  /** The cost of the ratings: the ordered pairs, within one history each, that are added up. */
  countPairs(ratings: Ratings, options: TableOptions): number;
  /**
   * The share of the exact neighbours among the sampled ones, measured on a sample of items.
   * Absent: the method is never sampled.
   */
  recallOfSample?(ratings: Ratings, options: TableOptions, found: Neighbours): number;
}
