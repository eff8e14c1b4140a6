import type { Neighbours } from "../neighbour-lists.ts";
import type { Kernel } from "../table-maker.ts";
import { TopK } from "../top-k.ts";
import { counting } from "./count.ts";
import type { RidgeLayout } from "./layout.ts";
import { mentioning } from "./mention.ts";
import { solving } from "./solve.ts";
import { thinning } from "./thin.ts";

/**
 * Solves all items, then finds an item's neighbours: its candidates, and those whose candidate it
 * is. A thread takes 29 bytes an item. A place is an item's label.
 */
export function createKernel(layout: RidgeLayout): Kernel {
  const { items, item, left, right, backward, chosen, mentions } = layout;
  const best = new TopK(layout.top, item);
  const { scores, labels } = best;
  // Of a candidate its place among the candidates + 1.
  const placeOf = new Int32Array(items);
  let c = 0;
  let bar = 0;

  /** `share` of G is where the neighbour comes after the item. */
  function offer(label: number, value: number, share: number): void {
    const direction = (2 * (share + backward * (1 - share))) / (1 + backward);
    const s = value * direction * right[label];
    scores[c] = s;
    labels[c] = label;
    c += s >= bar ? 1 : 0;
    if (c < scores.length) return;
    bar = best.choose(c);
    c = 0;
  }

  function neighboursOf(label: number, into: Neighbours): void {
    const start = chosen.start[label];
    const end = start + chosen.length[label];
    const last = mentions.start[label + 1];
    best.start(left[label]);
    c = bar = 0;
    for (let k = start; k < end; k++) placeOf[chosen.label[k]] = k + 1;
    for (let m = mentions.start[label]; m < last; m++) {
      const j = mentions.label[m];
      const theirs = mentions.place[m];
      const ours = placeOf[j] - 1;
      placeOf[j] = 0;
      const value = chosen.value[theirs];
      offer(j, ours < 0 ? value : (value + chosen.value[ours]) / 2, 1 - chosen.after[theirs]);
    }
    for (let k = start; k < end; k++) {
      const j = chosen.label[k];
      if (placeOf[j] > 0) offer(j, chosen.value[k], chosen.after[k]);
      placeOf[j] = 0;
    }
    best.choose(c);
    best.store(item[label], into);
  }
  return { before: [counting(layout), thinning(layout), solving(layout), mentioning(layout)], neighboursOf };
}
