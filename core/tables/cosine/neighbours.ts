import type { Settings } from "../../../contracts/settings/settings.ts";
import { oversampling, sampleEntries, type IdHashes } from "../../ratings/dimsum.ts";
import { buildIndex, type SimilarityIndex, type SimilarityOptions } from "./index.ts";
import { allocateNeighbours, type Neighbours } from "./neighbour-lists.ts";
import { createKernel } from "./kernel.ts";
import { capHistories, countPairs, type Ratings } from "../../ratings/ratings.ts";

/** All that shapes the neighbours: see docs/configuration.md. */
export type NeighbourOptions = SimilarityOptions &
  Pick<Settings, "mode" | "cap" | "gamma" | "threshold" | "seed">;

/** An index ready for the kernel, and what was done to the ratings on the way. */
export interface Prepared {
  index: SimilarityIndex;
  entries: number;
  /** Entries left after the cap, and after sampling. */
  capped: number;
  kept: number;
  /** Ordered pairs of one history that the kernel adds up. */
  pairs: number;
}

/**
 * Caps histories, samples (mode `dimsum`) and lays out the index. In mode `exact` it takes the ratings over (see
 * `buildIndex`): do not use them afterwards.
 * @throws TypeError when mode is `dimsum` and `hashes` is missing.
 */
export function prepare(ratings: Ratings, options: NeighbourOptions, hashes?: IdHashes): Prepared {
  const capped = capHistories(ratings, options.cap);
  const sizes = { entries: ratings.item.length, capped: capped.item.length };
  if (options.mode === "exact") {
    const index = buildIndex({ ratings: capped }, options);
    return { index, ...sizes, kept: sizes.capped, pairs: countPairs(capped) };
  }
  if (!hashes) throw new TypeError("prepare: mode dimsum needs the hashes of the user and item ids");
  const sample = sampleEntries(capped, hashes, oversampling(ratings.items, options), options.seed);
  const index = buildIndex({ ratings: sample.ratings, sampled: sample }, options);
  return { index, ...sizes, kept: sample.ratings.item.length, pairs: countPairs(sample.ratings) };
}

/** The neighbours of every item, on the calling thread; adapters/local/similarity/find-neighbours.ts uses all cores. */
export function neighboursOfAll(index: SimilarityIndex): Neighbours {
  const result = allocateNeighbours(index.items, index.top);
  const kernel = createKernel(index);
  for (let label = 0; label < index.items; label++) kernel.neighboursOf(label, result);
  return result;
}
