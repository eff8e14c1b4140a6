import type { Knobs } from "../../contracts/settings/similarity.ts";
import { entryHash } from "../text/hash.ts";
import { selectEntries, squaredNorms, type Ratings } from "./ratings.ts";

/**
 * MLlib's default oversampling (RowMatrix.columnSimilarities): 10 ln(n) / threshold for n items.
 */
export function oversampling(
  items: number,
  { gamma, threshold }: Pick<Knobs, "gamma" | "threshold">,
): number {
  return gamma ?? (10 * Math.log(items)) / threshold;
}

/**
 * The probability with which DIMSUM keeps the entries of each item: min(1, sqrt(gamma) / |c_i|).
 * Source: Zadeh and Carlsson, "Dimension Independent Matrix Square using MapReduce", 2013, as MLlib
 * samples it.
 */
export function keepProbabilities(
  ratings: Ratings,
  gamma: number,
  squaredNorm = squaredNorms(ratings),
): Float64Array {
  return squaredNorm.map((norm) => Math.min(1, Math.sqrt(gamma / norm)));
}

export interface Sample {
  /** The kept entries, with their original values. The kernel divides by `probability`. */
  ratings: Ratings;
  probability: Float64Array;
  /** |c_i|^2 before sampling. */
  squaredNorm: Float64Array;
}

/** The murmur3 hashes of user and item ids, numbered as in `Ratings`. */
export interface IdHashes {
  user: Uint32Array;
  item: Uint32Array;
}

/**
 * Keeps each entry with its item's probability. Over kept entries, a sum of a_ui a_uj / (p_i p_j)
 * estimates dot(i, j) without bias.
 */
export function sampleEntries(ratings: Ratings, hashes: IdHashes, gamma: number, seed: number): Sample {
  const { users, rowStart, item } = ratings;
  const squaredNorm = squaredNorms(ratings);
  const probability = keepProbabilities(ratings, gamma, squaredNorm);
  const limit = probability.map((p) => Math.floor(p * 2 ** 32));
  const keep = new Uint8Array(item.length);
  for (let u = 0; u < users; u++) {
    for (let e = rowStart[u]; e < rowStart[u + 1]; e++) {
      const i = item[e];
      keep[e] = entryHash(seed, hashes.user[u], hashes.item[i]) < limit[i] ? 1 : 0;
    }
  }
  return { ratings: selectEntries(ratings, keep), probability, squaredNorm };
}
