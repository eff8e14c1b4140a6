import type { Knobs } from "../../contracts/settings/similarity.ts";
import type { IdHashes } from "../ratings/dimsum.ts";
import type { Ratings } from "../ratings/ratings.ts";
import type { Neighbours } from "./neighbour-lists.ts";

/** The knobs that act after ratings were read: `vectors` and `eventWeights` are in their values. */
export type TableOptions = Omit<Knobs, "vectors" | "eventWeights">;

/** What all layouts of ratings share; every array in one is shared memory. */
export interface Layout {
  items: number;
  top: number;
  /** The cost of items 0 .. l-1 in the layout's own order; items + 1 numbers. */
  work: Float64Array;
}

/** A layout, and what was done to the ratings on the way. */
export interface Prepared<L extends Layout = Layout> {
  layout: L;
  entries: number;
  /** Entries left after the cap, and after sampling. */
  capped: number;
  kept: number;
  /** Ordered pairs of one history that are added up. */
  pairs: number;
}

export interface PrepareHints {
  /** For mode `dimsum`. */
  hashes?: IdHashes | undefined;
  /** The ratings are not needed afterwards: the layout may be made of their memory. */
  mayReuse?: boolean;
}

/** One thread's working memory. */
export interface Kernel {
  /** Finds the neighbours of an item, by its place in the layout's order, and stores them. */
  neighboursOf(place: number, into: Neighbours): void;
}

/** How the tables of one method are made. Ratings are laid out once; then any number of threads work. */
export interface TableMaker<L extends Layout = Layout> {
  /** @throws TypeError when mode is `dimsum` and the hashes are missing. */
  prepare(ratings: Ratings, options: TableOptions, hints?: PrepareHints): Prepared<L>;
  createKernel(layout: L): Kernel;
  /** The share of the exact neighbours that sampled ones have, on a sample of items. */
  recallOfSample(ratings: Ratings, options: TableOptions, found: Neighbours): number;
}
