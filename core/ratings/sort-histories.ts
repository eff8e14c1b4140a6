import type { Ratings } from "./ratings.ts";

/** Runs of this length are sorted by insertion, then merged: a merge sort, bottom up. */
const RUN = 16;

/** Entries of one row: the time and the item of each. */
interface Entries {
  item: Int32Array;
  lastAt: Float64Array;
}

/**
 * Sorts each row by time, oldest first; ties by item.
 * @param mayReuse sorts the given arrays in place
 * @throws TypeError when the ratings have no times
 */
export function sortHistories(ratings: Ratings, { mayReuse = false } = {}): Ratings {
  if (!ratings.lastAt) throw new TypeError("sortHistories: ratings.lastAt is needed");
  const { value: _, ...binary } = ratings;
  const item = mayReuse ? ratings.item : ratings.item.slice();
  const lastAt = mayReuse ? ratings.lastAt : ratings.lastAt.slice();
  const scratch = { item: new Int32Array(0), lastAt: new Float64Array(0) };
  for (let u = 0; u < ratings.users; u++) {
    const [start, end] = [ratings.rowStart[u], ratings.rowStart[u + 1]];
    for (let run = start; run < end; run += RUN) insert({ item, lastAt }, run, Math.min(run + RUN, end));
    if (end - start > RUN) mergeRuns({ item, lastAt }, start, end, scratch);
  }
  return { ...binary, item, lastAt };
}

function insert({ item, lastAt }: Entries, start: number, end: number): void {
  for (let e = start + 1; e < end; e++) {
    const [i, at] = [item[e], lastAt[e]];
    let k = e;
    for (; k > start && (lastAt[k - 1] > at || (lastAt[k - 1] === at && item[k - 1] > i)); k--) {
      item[k] = item[k - 1];
      lastAt[k] = lastAt[k - 1];
    }
    item[k] = i;
    lastAt[k] = at;
  }
}

function mergeRuns(entries: Entries, start: number, end: number, scratch: Entries): void {
  if (scratch.item.length < end - start) {
    scratch.item = new Int32Array(2 * (end - start));
    scratch.lastAt = new Float64Array(2 * (end - start));
  }
  for (let width = RUN; width < end - start; width *= 2)
    for (let middle = start + width; middle < end; middle += 2 * width)
      merge(entries, [middle - width, middle, Math.min(middle + width, end)], scratch);
}

/** Merges the sorted entries before and behind the middle. The first half moves aside. */
function merge({ item, lastAt }: Entries, bounds: [number, number, number], scratch: Entries): void {
  const [start, middle, end] = bounds;
  scratch.item.set(item.subarray(start, middle));
  scratch.lastAt.set(lastAt.subarray(start, middle));
  const half = middle - start;
  for (let a = 0, b = middle, k = start; a < half; k++) {
    const at = scratch.lastAt[a];
    if (b < end && (lastAt[b] < at || (lastAt[b] === at && item[b] < scratch.item[a]))) {
      item[k] = item[b];
      lastAt[k] = lastAt[b++];
    } else {
      item[k] = scratch.item[a++];
      lastAt[k] = at;
    }
  }
}
