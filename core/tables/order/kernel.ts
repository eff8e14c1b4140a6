import { supportTable } from "../labels.ts";
import type { Neighbours } from "../neighbour-lists.ts";
import type { Kernel } from "../table-maker.ts";
import { TopK } from "../top-k.ts";
import type { HistoryIndex } from "./history-index.ts";

/**
 * Finds an item's neighbours: it goes to each place of the item in a history, and adds up what
 * stands around it, within the window. An item costs 2 W for each of its users at most. A kernel
 * takes 16 bytes an item. A place is an item's label.
 */
export function createKernel(index: HistoryIndex): Kernel {
  const { items, top, item, left, right } = index;
  const touched = new Int32Array(items + 1);
  const counts = new Int32Array(items);
  const sums = new Float64Array(items);
  const weights = weightsOf(index);
  const support = supportTable(index, index);
  const best = new TopK(top, item);
  const { scores, labels } = best;
  const room = scores.length;

  // Inlining: the loop stands here and not in a function of both methods: see ../cosine/kernel.ts.
  function neighboursOf(label: number, into: Neighbours): void {
    const m = addUp(index, label, weights, { counts, sums, touched });
    // An item is not its own neighbour.
    sums[label] = 0;
    best.start(left[label]);
    let c = 0;
    let bar = 0;
    for (let k = 0; k < m; k++) {
      const j = touched[k];
      const s = sums[j] * right[j] * support[counts[j]];
      sums[j] = 0;
      counts[j] = 0;
      scores[c] = s;
      labels[c] = j;
      c += s >= bar ? 1 : 0;
      if (c === room) {
        bar = best.choose(c);
        c = 0;
      }
    }
    best.choose(c);
    best.store(item[label], into);
  }
  return { neighboursOf };
}

/** One thread's accumulators; a number for each label. */
interface Sums {
  /** Users who have both items within the window. */
  counts: Int32Array;
  /** F(i→j) + b F(j→i). */
  sums: Float64Array;
  /** The labels with a count. */
  touched: Int32Array;
}

/**
 * Adds up over an item's places, the item itself included. The result is the number of touched
 * labels. Without a branch: see ../cosine/accumulate.ts.
 */
function addUp(
  { columnStart, place, reach, row, window }: HistoryIndex,
  label: number,
  weights: Float64Array,
  { counts, sums, touched }: Sums,
): number {
  const end = columnStart[label + 1];
  let m = 0;
  for (let c = columnStart[label]; c < end; c++) {
    const before = reach[c] >>> 16;
    const last = place[c] + (reach[c] & 0xffff);
    for (let e = place[c] - before, w = window - before; e <= last; e++, w++) {
      const j = row[e];
      const n = counts[j];
      touched[m] = j;
      m += (n - 1) >>> 31;
      counts[j] = n + 1;
      sums[j] += weights[w];
    }
  }
  return m;
}

/**
 * What a neighbour adds, by its distance: 2 W + 1 numbers. Behind the middle are those that come
 * after the item, f(d) = 1/(1 + g d); before it those that came before, b f(d).
 */
function weightsOf({ window, distanceDecay, backward }: HistoryIndex): Float64Array {
  return Float64Array.from({ length: 2 * window + 1 }, (_, k) => {
    const distance = k - window;
    if (distance === 0) return 0;
    return (distance > 0 ? 1 : backward) / (1 + distanceDecay * Math.abs(distance));
  });
}
