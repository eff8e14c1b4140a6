import type { Knobs } from "../../contracts/settings/similarity.ts";
import type { NeighbourTable } from "../model/neighbour-table.ts";
import { allocateNeighbours, type Neighbours } from "../tables/neighbour-lists.ts";
import { TopK } from "../tables/top-k.ts";
import type { CoCounts } from "./co-counts.ts";

/**
 * The neighbours of the wanted items under knobs that only weigh what was counted:
 *
 *     s(i→j) = 2 (after + b before) / ((1+b) users(i)^a users(j)^(1-a)) * n/(n+L) * share(j)
 *
 * Where a pair counts the same in both directions, b has no effect: so this is `cosine` too.
 */
export function weighed(
  { wanted, start, item, users, after, before, usersOf, share }: CoCounts,
  { alpha, backward, shrinkage, minSupport, top }: Knobs,
): NeighbourTable {
  const items = usersOf.length;
  const right = Float64Array.from(usersOf, (n, j) => (share?.[j] ?? 1) / n ** (1 - alpha));
  const best = new TopK(
    top,
    Int32Array.from({ length: items }, (_, i) => i),
  );
  const { scores, labels } = best;
  const found = allocateNeighbours(wanted.length, top);
  for (let w = 0; w < wanted.length; w++) {
    best.start(2 / ((1 + backward) * usersOf[wanted[w]] ** alpha));
    let [c, bar] = [0, 0];
    for (let k = start[w]; k < start[w + 1]; k++) {
      const n = users[k];
      if (n < minSupport) continue;
      scores[c] = (after[k] + backward * before[k]) * right[item[k]] * (n / (n + shrinkage));
      labels[c] = item[k];
      c += scores[c] >= bar ? 1 : 0;
      if (c < scores.length) continue;
      bar = best.choose(c);
      c = 0;
    }
    best.choose(c);
    best.store(w, found);
  }
  return tableOf(found, wanted, items);
}

/** A table of all items, in which only the wanted ones have neighbours. `wanted` is ascending. */
function tableOf({ top, item, score, count }: Neighbours, wanted: Int32Array, items: number): NeighbourTable {
  const offset = new Int32Array(items + 1);
  for (let w = 0; w < wanted.length; w++) offset[wanted[w] + 1] = count[w];
  for (let i = 0; i < items; i++) offset[i + 1] += offset[i];
  const table = { offset, item: new Int32Array(offset[items]), score: new Int32Array(offset[items]) };
  for (let w = 0; w < wanted.length; w++) {
    table.item.set(item.subarray(w * top, w * top + count[w]), offset[wanted[w]]);
    table.score.set(score.subarray(w * top, w * top + count[w]), offset[wanted[w]]);
  }
  return table;
}
