import { addFloats, addPacked, countRaters, countUsers } from "./accumulate.ts";
import type { SimilarityIndex } from "./similarity-index.ts";
import { supportTable } from "../labels.ts";
import type { Neighbours } from "../neighbour-lists.ts";
import type { Kernel } from "../table-maker.ts";
import { TopK } from "../top-k.ts";

/**
 * Gustavson's algorithm: sparse matrix product row by row. To find one item's neighbours, a kernel
 * walks the histories of the item's users. It adds up, for each item there, in an array of
 * accumulators. Only touched accumulators are read and cleared. So an item costs the sum of its
 * users' history lengths, and no more. A kernel takes 8 bytes an item when binary, 12 or 16 when
 * weighted. A place is an item's label.
 */
export function createKernel(index: SimilarityIndex): Kernel {
  const { items, shrinkage, minSupport, left, right, values } = index;
  const touched = new Int32Array(items + 1);
  const best = new TopK(index.top, index.item);
  const { scores, labels } = best;
  const room = scores.length;
  const counts = new Int32Array(items);
  // For binary vectors the dot product is the count.
  const dots =
    values === "binary" ? counts : values === "packed" ? new Int32Array(items) : new Float64Array(items);
  const needsCounts = dots === counts || shrinkage > 0 || minSupport > 1;
  const support = supportTable(index, index);
  const dotTimesSupport = support.map((share, n) => n * share);

  function addUp(label: number): number {
    if (dots === counts) return countUsers(index, label, counts, touched);
    if (needsCounts) countRaters(index, label, counts, touched);
    if (dots instanceof Int32Array) return addPacked(index, label, dots, touched);
    return addFloats(index, label, dots, touched);
  }

  // Inlining: the two loops stay in this function, since a call for each item costs 7 %. Both read
  // and clear the accumulators, and gather candidates for TopK.
  function neighboursOf(label: number, into: Neighbours): void {
    const m = addUp(label);
    // An item is not its own neighbour.
    dots[label] = 0;
    best.start(left[label]);
    let c = 0;
    let bar = 0;
    if (dots === counts) {
      for (let k = 0; k < m; k++) {
        const j = touched[k];
        const n = counts[j];
        counts[j] = 0;
        const s = dotTimesSupport[n] * right[j];
        scores[c] = s;
        labels[c] = j;
        c += s >= bar ? 1 : 0;
        if (c === room) {
          bar = best.choose(c);
          c = 0;
        }
      }
    } else {
      for (let k = 0; k < m; k++) {
        const j = touched[k];
        let s = dots[j] * right[j];
        dots[j] = 0;
        if (needsCounts) {
          s *= support[counts[j]];
          counts[j] = 0;
        }
        scores[c] = s;
        labels[c] = j;
        c += s >= bar ? 1 : 0;
        if (c === room) {
          bar = best.choose(c);
          c = 0;
        }
      }
    }
    best.choose(c);
    best.store(index.item[label], into);
  }
  return { neighboursOf };
}
