import { usersOf } from "../order/histories.ts";
import type { Phase } from "../table-maker.ts";
import { keyOf } from "../top-k.ts";
import type { RidgeLayout } from "./layout.ts";

/**
 * The second phase: a co-count that both items keep is left with the rarer one alone. Popular items
 * are candidates of many, and then have short rows to be looked through.
 */
export function thinning(layout: RidgeLayout): Phase {
  const { items, item, counts } = layout;
  const { start, length, label: labels, value, least } = counts;

  function run(label: number): void {
    let at = start[label];
    for (let e = start[label], end = at + length[label]; e < end; e++) {
      const other = labels[e];
      const isRarer = other > label;
      if (isRarer && keyOf(value[e] / usersOf(layout, other), item[label], items) >= least[other]) continue;
      labels[at] = other;
      value[at++] = value[e];
    }
    length[label] = at - start[label];
  }
  return { places: items, run };
}
