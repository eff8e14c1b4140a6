import { supportTable } from "../labels.ts";
import { usersOf, type Histories } from "../order/histories.ts";
import type { Phase } from "../table-maker.ts";
import { TopK } from "../top-k.ts";
import type { RidgeLayout } from "./layout.ts";

/**
 * The first phase: it adds up what stands around each item, keeps the largest co-counts, and
 * chooses the candidates. A thread takes 24 bytes an item.
 */
export function counting(layout: RidgeLayout): Phase {
  const { items, item, counts, chosen } = layout;
  const sums = sumsFor(items);
  const { users, after, before, touched } = sums;
  const weights = Float64Array.from(
    { length: layout.window + 1 },
    (_, d) => 1 / (1 + layout.distanceDecay * d),
  );
  const support = supportTable(layout, layout);
  const largest = new TopK(layout.coCounts, item);
  const best = new TopK(layout.candidates, item);
  const found = new Int32Array(Math.max(layout.coCounts, layout.candidates));

  function choose(label: number, m: number): void {
    const own = usersOf(layout, label);
    largest.start(1 / own);
    best.start(1 / Math.sqrt(own));
    for (let k = 0, c = 0, d = 0, barC = 0, barD = 0; k <= m; k++) {
      if (k === m || c === largest.scores.length) {
        barC = largest.choose(c);
        c = 0;
      }
      if (k === m || d === best.scores.length) {
        barD = best.choose(d);
        d = 0;
      }
      if (k === m) break;
      const j = touched[k];
      const g = after[j] + before[j];
      largest.scores[c] = g;
      largest.labels[c] = j;
      c += g >= barC ? 1 : 0;
      const s = (g * support[users[j]]) / Math.sqrt(usersOf(layout, j));
      best.scores[d] = s;
      best.labels[d] = j;
      d += s >= barD ? 1 : 0;
    }
  }

  function run(label: number): void {
    const m = addUp(layout, label, weights, sums);
    choose(label, m);
    let at = counts.start[label];
    counts.length[label] = largest.items(found);
    counts.least[label] = largest.least();
    for (let k = 0; k < counts.length[label]; k++, at++) {
      const j = layout.labelOf[found[k]];
      counts.label[at] = j;
      counts.value[at] = after[j] + before[j];
    }
    at = chosen.start[label];
    chosen.length[label] = best.items(found);
    for (let k = 0; k < chosen.length[label]; k++, at++) {
      const j = layout.labelOf[found[k]];
      chosen.label[at] = j;
      chosen.value[at] = after[j] + before[j];
      chosen.after[at] = after[j] / chosen.value[at];
    }
    for (let k = 0; k < m; k++) {
      const j = touched[k];
      users[j] = after[j] = before[j] = 0;
    }
  }
  return { places: items, run };
}

/** One thread's accumulators, a number for each label. */
interface Sums {
  /** Users who have both items within the window. */
  users: Int32Array;
  /** F(i→j), and F(j→i). */
  after: Float64Array;
  before: Float64Array;
  /** The labels with users. */
  touched: Int32Array;
}

const sumsFor = (items: number): Sums => ({
  users: new Int32Array(items),
  after: new Float64Array(items),
  before: new Float64Array(items),
  touched: new Int32Array(items + 1),
});

/**
 * Adds up over an item's places. The result is the number of touched labels. Without a branch: see
 * ../cosine/accumulate.ts.
 */
function addUp(
  { columnStart, place, reach, row }: Histories,
  label: number,
  weights: Float64Array,
  { users, after, before, touched }: Sums,
): number {
  const end = columnStart[label + 1];
  let m = 0;
  for (let c = columnStart[label]; c < end; c++) {
    const own = place[c];
    const last = own + (reach[c] & 0xffff);
    for (let d = reach[c] >>> 16; d > 0; d--) {
      const j = row[own - d];
      const n = users[j];
      touched[m] = j;
      m += (n - 1) >>> 31;
      users[j] = n + 1;
      before[j] += weights[d];
    }
    for (let e = own + 1; e <= last; e++) {
      const j = row[e];
      const n = users[j];
      touched[m] = j;
      m += (n - 1) >>> 31;
      users[j] = n + 1;
      after[j] += weights[e - own];
    }
  }
  return m;
}
