import { buildIndex } from "./similarity-index.ts";
import { allocateNeighbours, type Neighbours } from "../neighbour-lists.ts";
import { createKernel } from "./kernel.ts";
import type { TableOptions } from "../table-maker.ts";
import { capHistories, type Ratings } from "../../ratings/ratings.ts";

/**
 * Recall of sampling: the share of the exact neighbours that `found` contains. It is measured on
 * `sample` items. They are taken at even steps of popularity, so that popular and rare items count
 * alike.
 */
export function recallOfSample(
  ratings: Ratings,
  options: TableOptions,
  found: Neighbours,
  sample = 200,
): number {
  const index = buildIndex({ ratings: capHistories(ratings, options.cap) }, options);
  const kernel = createKernel(index);
  const exact = allocateNeighbours(index.items, index.top);
  const step = Math.max(1, Math.floor(index.items / sample));
  let hits = 0;
  let wanted = 0;
  for (let label = 0; label < index.items; label += step) {
    kernel.neighboursOf(label, exact);
    const i = index.item[label];
    const listed = new Set(list(found, i));
    const best = list(exact, i);
    wanted += best.length;
    hits += best.filter((item) => listed.has(item)).length;
  }
  return wanted === 0 ? 1 : hits / wanted;
}

function list({ top, item, count }: Neighbours, i: number): number[] {
  return Array.from(item.subarray(i * top, i * top + count[i]));
}
