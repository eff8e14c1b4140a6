import { oversampling, sampleEntries } from "../../ratings/dimsum.ts";
import { capHistories, countPairs, type Ratings } from "../../ratings/ratings.ts";
import type { PrepareHints, Prepared, TableOptions } from "../table-maker.ts";
import { buildIndex, type SimilarityIndex } from "./similarity-index.ts";

/** Caps histories, samples entries (mode `dimsum`) and lays out the index. */
export function prepare(
  ratings: Ratings,
  options: TableOptions,
  { hashes, mayReuse = false }: PrepareHints = {},
): Prepared<SimilarityIndex> {
  const capped = capHistories(ratings, options.cap);
  const sizes = { entries: ratings.item.length, capped: capped.item.length };
  if (options.mode === "exact") {
    // Capped ratings are a private copy, so the index may take them over.
    const layout = buildIndex({ ratings: capped, mayReuse: mayReuse || capped !== ratings }, options);
    return { layout, ...sizes, kept: sizes.capped, pairs: countPairs(capped) };
  }
  if (!hashes) throw new TypeError("prepare: mode dimsum needs the hashes of the user and item ids");
  const sample = sampleEntries(capped, hashes, oversampling(ratings.items, options), options.seed);
  const layout = buildIndex({ ratings: sample.ratings, sampled: sample, mayReuse: true }, options);
  return { layout, ...sizes, kept: sample.ratings.item.length, pairs: countPairs(sample.ratings) };
}
